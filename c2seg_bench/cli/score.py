"""c2seg-bench score: anyone's masks, no training"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd


def score(
    predictions: Annotated[Path, typer.Option(help="Folder of predicted masks (png, jpg, tif, bmp, npy).")],
    targets: Annotated[Path, typer.Option(help="Folder of the experts' masks; pairs by stem, mask_ ignored.")],
    out: Annotated[Path, typer.Option(help="The CSV to write, one row per image.")],
    prompts: Annotated[
        Path | None, typer.Option(help="Table (csv, xlsx) with columns image and prompt (or Description, text).")
    ] = None,
    ontology: Annotated[
        str | None,
        typer.Option(
            help="How prompts are read: chest, colonoscopy (default: as the frame was calibrated, else chest)."
        ),
    ] = None,
    frame: Annotated[
        str | None,
        typer.Option(
            help="Where words lie: thirds (default), qata, kvasir, clinicdb, qata-lungs (needs --images or --lungs), "
            "lung-thirds (needs --lungs), or a .json file."
        ),
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the pictures, for a frame that looks at them.")] = None,
    lungs: Annotated[
        Path | None, typer.Option(help="Folder of masks of the lungs (not 0 is lung), for a frame relative to them.")
    ] = None,
    empty: Annotated[
        str, typer.Option(help="Distance of an empty mask: diagonal of the image, skip, or nan.")
    ] = "diagonal",
    metrics: Annotated[
        str, typer.Option(help="What to list, by commas; the CSV always has the first four.")
    ] = "dice,iou,hd95,assd",
    groups: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN|PATTERN",
            help="Whose picture it is: a column of --prompts, or a pattern with one group for the names, as in "
            "'(patient[0-9]+)_'. Intervals then draw subjects instead of pictures.",
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads (default: one per core).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as one JSON object on stdout.")] = False,
) -> None:
    """Score a folder of masks: Dice, IoU, HD95, ASSD and, given the prompts, whether the masks follow the words.

    A picture's lesion is what lies above 127 (above 0 where all values are 0 or 1). Distances are in pixels of the
    masks, HD95 and ASSD as in medpy. In the CSV an answer is empty where the prompt states nothing on that axis.

    Example: c2seg-bench score --predictions out/masks --targets QaTa/Test/GTs --prompts test.xlsx --frame qata
    --out scores.csv
    """
    import json

    from c2seg_bench.cli.lines import plain_warnings
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.errors import InputError
    from c2seg_bench.scoring.folders import DEFAULT_FRAME, score_folders

    if prompts is None:
        for option, value in (("--frame", frame), ("--ontology", ontology), ("--images", images), ("--lungs", lungs)):
            if value is not None:
                raise InputError(f"{option} {value}: it reads masks against words; give --prompts as well")
    listed = [name.strip() for name in metrics.split(",") if name.strip()]
    check_out("--out", out, ".csv", (predictions, targets, prompts, images, lungs))
    with plain_warnings():
        found = score_folders(
            predictions,
            targets,
            prompts,
            ontology,
            frame or DEFAULT_FRAME,
            images,
            empty,
            workers,
            lungs,
            listed,
            groups,
        )
    write(found.rows, out)
    if as_json:
        print(json.dumps({**found.summary, "out": str(out)}, ensure_ascii=False))
    else:
        show(found.summary, out, listed)


def write(rows: pd.DataFrame, out: Path) -> None:
    """The CSV, whole or not at all; its folder is made where there is none."""
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import atomic

    try:
        with atomic(out) as temporary:
            rows.to_csv(temporary, index=False)
    except OSError as e:
        raise InputError(f"--out {out}: cannot be written ({e.strerror}); give another place") from None


def show(summary: dict[str, Any], out: Path, metrics: Sequence[str]) -> None:
    """The summary as tables on the terminal."""
    from rich.console import Console
    from rich.table import Table

    from metrics.catalogue import mask_metrics

    console = Console()
    table = Table("", "mean", "95 % interval", "pooled", title=title_of(summary))
    for metric in mask_metrics(metrics):
        digits = 2 if metric.unit == "px" else 4
        low, high = (number(v, digits) for v in summary["interval"].get(metric.name, (None, None)))
        pooled = number(summary["pooled"][metric.name], digits) if metric.name in summary["pooled"] else ""
        title = f"{metric.title}, pixels" if metric.unit == "px" else metric.title
        table.add_row(title, number(summary[metric.name], digits), f"{low} to {high}", pooled)
    console.print(table)
    console.print(
        f"Empty masks, policy {summary['empty']}: {summary['only_pred_empty']} where only the prediction is empty, "
        f"{summary['only_target_empty']} only the target, {summary['both_empty']} both."
    )
    if "consistency" in summary:
        console.print(consistency_table(summary["consistency"]))
    console.print(f"One row per image: {out}", soft_wrap=True)


def title_of(summary: dict[str, Any]) -> str:
    """How many images the means are over, and what the intervals draw."""
    drawn = "drawn by image" if summary["subjects"] is None else f"drawn by subject ({summary['subjects']})"
    return f"{summary['n']} images, per-image means; intervals {drawn}"


def consistency_table(about: dict[str, Any]) -> Any:
    """One line per axis of the prompts."""
    from rich.table import Table

    columns = ("coverage", "strict", "score", "chance", "ceiling", "corrected")
    title = f"Do the masks follow the words? Ontology {about['ontology']}, frame {about['frame']}"
    table = Table("axis", *columns, title=title)
    for axis, values in about["axes"].items():
        table.add_row(axis, *(number(values.get(c), 3) for c in columns))
    return table


def number(value: float | None, digits: int) -> str:
    """The value with so many digits; a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"
