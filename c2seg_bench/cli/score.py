"""c2seg-bench score: anyone's masks, no training"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

NAMES, MASKS, PROMPTS, OUTPUT = "Names", "Masks", "Prompts", "Output"  # panels of --help


def score(
    predictions: Annotated[
        Path, typer.Option(help="Folder of predicted masks (png, jpg, tif, bmp, webp, npy, npz, nii).")
    ],
    targets: Annotated[Path, typer.Option(help="Folder of the experts' masks; pairs by stem, mask_ ignored.")],
    out: Annotated[Path, typer.Option(help="The CSV to write, one row per image.")],
    suffix: Annotated[
        str | None, typer.Option(help="End of the predictions' names, such as _pred.", rich_help_panel=NAMES)
    ] = None,
    prediction_names: Annotated[
        str | None,
        typer.Option(help="How predictions are named but for the ending, such as {name}_pred.", rich_help_panel=NAMES),
    ] = None,
    target_names: Annotated[
        str | None, typer.Option(help="How targets are named, such as {name}_gt.", rich_help_panel=NAMES)
    ] = None,
    subset: Annotated[
        str | None,
        typer.Option(
            help="Score a part: predictions (those there are), or prompts (what has one).", rich_help_panel=NAMES
        ),
    ] = None,
    label: Annotated[
        int | None, typer.Option(help="Masks are label maps; this value is the lesion.", rich_help_panel=MASKS)
    ] = None,
    target_label: Annotated[
        int | None, typer.Option(help="The same for the targets alone.", rich_help_panel=MASKS)
    ] = None,
    stacks: Annotated[
        str | None,
        typer.Option(
            help="Files have several slices: slices (a row for each), or volumes (a row for each file, in 3-D).",
            rich_help_panel=MASKS,
        ),
    ] = None,
    spacing: Annotated[
        str | None,
        typer.Option(
            help="Size of a pixel in mm, ROW,COLUMN (volumes: SLICE,ROW,COLUMN), or header (of NIfTI).",
            rich_help_panel=MASKS,
        ),
    ] = None,
    resize_predictions: Annotated[
        bool, typer.Option("--resize-predictions", help="To the target's size, nearest pixel.", rich_help_panel=MASKS)
    ] = False,
    prompts: Annotated[
        Path | None,
        typer.Option(help="Table (csv, xlsx, json) with columns image and prompt.", rich_help_panel=PROMPTS),
    ] = None,
    prompt_column: Annotated[
        str | None, typer.Option(help="Column of the prompts, or key of one of several.", rich_help_panel=PROMPTS)
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of the workbook.", rich_help_panel=PROMPTS)] = None,
    ontology: Annotated[
        str | None,
        typer.Option(
            help="How prompts are read: chest, colonoscopy, or a .json file (default: as the frame was calibrated, "
            "else chest).",
            rich_help_panel=PROMPTS,
        ),
    ] = None,
    frame: Annotated[
        str | None,
        typer.Option(
            help="Where words lie: thirds (default), qata, kvasir, clinicdb, qata-lungs (needs --images or --lungs), "
            "lung-thirds (needs --lungs), or a .json file.",
            rich_help_panel=PROMPTS,
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder of the pictures, for a frame that looks at them.", rich_help_panel=PROMPTS),
    ] = None,
    lungs: Annotated[
        Path | None,
        typer.Option(
            help="Folder of masks of the lungs (not 0 is lung), for a frame relative to them.", rich_help_panel=PROMPTS
        ),
    ] = None,
    empty: Annotated[
        str,
        typer.Option(help="Distance of an empty mask: diagonal of the image, skip, or nan.", rich_help_panel=OUTPUT),
    ] = "diagonal",
    metrics: Annotated[
        str, typer.Option(help="What to list, by commas; the CSV always has the first four.", rich_help_panel=OUTPUT)
    ] = "dice,iou,hd95,assd",
    groups: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN|PATTERN",
            help="Whose picture it is: a column of --prompts, or a pattern with one group for the names, as in "
            "'(patient[0-9]+)_'. Intervals then draw subjects instead of pictures.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads (default: one per core).", rich_help_panel=OUTPUT)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The summary as one JSON object on stdout.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Score a folder of masks: Dice, IoU, HD95, ASSD and, given the prompts, whether the masks follow the words.

    A picture's lesion is what lies above 127 (above 0 where no mask of the folder goes beyond 1). Distances are in
    pixels of the masks, or in mm with --spacing; HD95 and ASSD as in medpy. In the CSV an answer is empty where the
    prompt states nothing on that axis. docs/data.md says what is read and what is refused.

    Example: c2seg-bench score --predictions out/masks --targets QaTa/Test/GTs --prompts test.xlsx --frame qata
    --out scores.csv
    """
    import json

    from c2seg_bench.cli.lines import plain_warnings
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.cli.score_summary import show
    from c2seg_bench.data.pairs import Pairing
    from c2seg_bench.data.tables import Columns
    from c2seg_bench.errors import InputError
    from c2seg_bench.scoring.folders import DEFAULT_FRAME, score_folders

    if prompts is None:
        needless = {"--frame": frame, "--ontology": ontology, "--images": images, "--lungs": lungs}
        needless |= {"--prompt-column": prompt_column, "--sheet": sheet}
        for option, value in needless.items():
            if value is not None:
                raise InputError(f"{option} {value}: it reads masks against words; give --prompts as well")
        if subset == "prompts":
            raise InputError("--subset prompts: there are none; give --prompts as well")
    if suffix is not None:
        if prediction_names is not None:
            raise InputError(
                f"--suffix {suffix}: --prediction-names says how predictions are named; give one of the two"
            )
        prediction_names = f"{{name}}{suffix}"
    of_targets = label if target_label is None else target_label
    pairing = Pairing(prediction_names, target_names, label, of_targets, stacks, resize_predictions, subset)
    listed = [name.strip() for name in metrics.split(",") if name.strip()]
    check_out("--out", out, ".csv", (predictions, targets, prompts, images, lungs))
    with plain_warnings():
        scores = score_folders(
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
            pairing,
            Columns(prompt_column, sheet=sheet),
            spacing,
            groups,
        )
    write(scores.rows, out)
    if as_json:
        print(json.dumps({**scores.summary, "out": str(out)}, ensure_ascii=False))
    else:
        show(scores.summary, out, listed)


def write(rows: pd.DataFrame, out: Path) -> None:
    """The CSV, whole or not at all; its folder is made where there is none."""
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import atomic

    try:
        with atomic(out) as temporary:
            rows.to_csv(temporary, index=False)
    except OSError as e:
        raise InputError(f"--out {out}: cannot be written ({e.strerror}); give another place") from None
