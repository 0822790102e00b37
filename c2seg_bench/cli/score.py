"""c2seg-bench score: anyone's masks, no training"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from c2seg_bench.cli import score_options as options

if TYPE_CHECKING:
    import pandas as pd

    from c2seg_bench.data.pairing.pairs import Pairing
    from c2seg_bench.scoring.folders import Scores
    from c2seg_bench.scoring.request import ScoreRequest


def score(
    predictions: options.Predictions,
    targets: options.Targets,
    out: options.Out,
    suffix: options.Suffix = None,
    prediction_names: options.PredictionNames = None,
    target_names: options.TargetNames = None,
    subset: options.Subset = None,
    label: options.Label = None,
    target_label: options.TargetLabel = None,
    stacks: options.Stacks = None,
    spacing: options.Spacing = None,
    resize_predictions: options.ResizePredictions = False,
    prompts: options.Prompts = None,
    prompt_column: options.PromptColumn = None,
    prompt_sheet: options.PromptSheet = None,
    ontology: options.OntologyName = None,
    frame: options.FrameName = None,
    images: options.Images = None,
    lungs: options.Lungs = None,
    empty: options.Empty = "diagonal",
    metrics: options.Metrics = "dice,iou,hd95,assd",
    groups: options.Groups = None,
    workers: options.Workers = None,
    sheet: options.Sheet = None,
    as_json: options.Json = False,
    markdown: options.Markdown = False,
    latex: options.Latex = False,
    quiet: options.Quiet = False,
) -> None:
    """Score a folder of masks: Dice, IoU, HD95, ASSD and, given the prompts, whether the masks follow them.

    Lesion is where a mask is above 127 (above 0 if no mask of the folder has a value above 1). Distances are in pixels,
    or in mm with --spacing; HD95 and ASSD are defined as in medpy. A field of the CSV is empty if the prompt states
    nothing on that axis; the last columns compare the prompt's statements with the mask. docs/data.md says which files
    are accepted.

    Examples:

    c2seg-bench score --predictions out/masks --targets QaTa/Test/GTs --prompts test.xlsx --frame qata --out scores.csv

    c2seg-bench score --predictions out/masks --targets masks --images images --out scores.csv --sheet worst.png
    """
    from c2seg_bench.data.tables.prompt_tables import Columns
    from c2seg_bench.scoring.request import ScoreRequest

    printed = printed_as({"--json": as_json, "--markdown": markdown, "--latex": latex}) or ("--quiet" if quiet else "")
    of_targets = label if target_label is None else target_label
    names = prediction_template(suffix, prediction_names)
    how = pairing_of(names, target_names, label, of_targets, stacks, resize_predictions, subset)
    columns, listed = Columns(prompt_column, sheet=prompt_sheet), [m.strip() for m in metrics.split(",") if m.strip()]
    request = ScoreRequest(
        predictions, targets, prompts, ontology, frame, images, lungs, empty, listed, how, columns, spacing, groups,
        workers, sheet,
    )  # fmt: skip
    scores = score_and_write(request, out)
    show(scores, request, out, printed)


def printed_as(wanted: dict[str, bool]) -> str:
    """The option that chooses how to print, "" if there is none; InputError if there are two."""
    from c2seg_bench.errors import InputError

    chosen = [option for option, is_chosen in wanted.items() if is_chosen]
    if len(chosen) > 1:
        raise InputError(f"{chosen[1]}: {chosen[0]} prints the summary in another way; give one of the two")
    return chosen[0] if chosen else ""


def prediction_template(suffix: str | None, names: str | None) -> str | None:
    """The template of the predictions' names; InputError if both options are given."""
    from c2seg_bench.errors import InputError

    if suffix is not None and names is not None:
        raise InputError(f"--suffix {suffix}: --prediction-names says how predictions are named; give one of the two")
    return names if suffix is None else f"{{name}}{suffix}"


def pairing_of(
    prediction_names: str | None,
    target_names: str | None,
    label: int | None,
    target_label: int | None,
    stacks: str | None,
    resize: bool,
    subset: str | None,
) -> Pairing:
    """How the files are paired and read."""
    from c2seg_bench.data.pairing.pairs import Pairing

    return Pairing(prediction_names, target_names, label, target_label, stacks, resize, subset)


def score_and_write(request: ScoreRequest, out: Path) -> Scores:
    """Score the folders, with a bar on a terminal, and write the CSV and the sheet."""
    from c2seg_bench.cli.light import import_spacy_without_torch
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.cli.score_progress import score_bar
    from c2seg_bench.scoring.folders import score_folders
    from c2seg_bench.scoring.worst import draw_worst

    check_out("--out", out, ".csv", request.inputs)
    if request.sheet is not None:
        check_out("--sheet", request.sheet, ".png", request.inputs)
    import_spacy_without_torch()
    with score_bar() as progress:
        scores = score_folders(request, progress)
    write(scores.rows, out)
    if request.sheet is not None:
        draw_worst(scores, request, request.sheet)
    return scores


def write(rows: pd.DataFrame, out: Path) -> None:
    """Write the CSV atomically; its folder is created if necessary."""
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import atomic

    try:
        with atomic(out) as temporary:
            rows.to_csv(temporary, index=False)
    except OSError as e:
        raise InputError(f"--out {out}: cannot be written ({e.strerror}); give another place") from None


def show(scores: Scores, request: ScoreRequest, out: Path, printed: str) -> None:
    """Print the summary as chosen, by default as tables."""
    import json

    from c2seg_bench.cli import score_summary

    if printed == "--json":
        sheet = {"sheet": str(request.sheet)} if request.sheet else {}
        print(json.dumps({**scores.summary, "out": str(out), **sheet}, ensure_ascii=False))
    elif printed in ("--markdown", "--latex"):
        rows = score_summary.as_markdown if printed == "--markdown" else score_summary.as_latex
        print(rows(scores.summary, request.predictions.name, request.metrics))
    elif not printed:
        score_summary.show(scores.summary, out, request.metrics, chosen_frame=request.frame is not None)
        if request.sheet is not None:
            print(f"Worst cases: {request.sheet}")
