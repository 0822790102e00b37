"""The options of `c2seg-bench score`, grouped by their panel in --help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAMES, MASKS, PROMPTS, SCORES, OUTPUT = "Names", "Masks", "Prompts", "Scores", "Output"

Predictions = Annotated[Path, typer.Option(help="Folder of predicted masks (png, jpg, tif, bmp, webp, npy, npz, nii).")]
Targets = Annotated[Path, typer.Option(help="Folder of the experts' masks; pairs by stem, mask_ ignored.")]
Out = Annotated[Path, typer.Option(help="The CSV to write, one row per image.")]

Suffix = Annotated[
    str | None, typer.Option(help="End of the predictions' names, such as _pred.", rich_help_panel=NAMES)
]
PredictionNames = Annotated[
    str | None,
    typer.Option(help="How predictions are named, without ending, such as {name}_pred.", rich_help_panel=NAMES),
]
TargetNames = Annotated[
    str | None, typer.Option(help="How targets are named, such as {name}_gt.", rich_help_panel=NAMES)
]
Subset = Annotated[
    str | None,
    typer.Option(
        help="Score only the targets that have a prediction (predictions) or a prompt (prompts).",
        rich_help_panel=NAMES,
    ),
]

Label = Annotated[
    int | None, typer.Option(help="Masks are label maps; this value is the lesion.", rich_help_panel=MASKS)
]
TargetLabel = Annotated[int | None, typer.Option(help="As --label, for the targets alone.", rich_help_panel=MASKS)]
Stacks = Annotated[
    str | None,
    typer.Option(
        help="For files of several slices: slices (a row for each slice) or volumes (a row for each file, in 3-D).",
        rich_help_panel=MASKS,
    ),
]
Spacing = Annotated[
    str | None,
    typer.Option(
        help="Size of a pixel in mm, ROW,COLUMN (volumes: SLICE,ROW,COLUMN), or header (of NIfTI).",
        rich_help_panel=MASKS,
    ),
]
ResizePredictions = Annotated[
    bool,
    typer.Option(
        "--resize-predictions", help="Resize predictions to their target's size, nearest pixel.", rich_help_panel=MASKS
    ),
]

Prompts = Annotated[
    Path | None, typer.Option(help="Table (csv, xlsx, json) with columns image and prompt.", rich_help_panel=PROMPTS)
]
PromptColumn = Annotated[
    str | None, typer.Option(help="Column of the prompts, or key of a JSON cell.", rich_help_panel=PROMPTS)
]
PromptSheet = Annotated[str | None, typer.Option(help="Sheet of a workbook of prompts.", rich_help_panel=PROMPTS)]
OntologyName = Annotated[
    str | None,
    typer.Option(
        help="How prompts are read: chest, colonoscopy, or a .json file (default: the ontology that the frame was "
        "calibrated with, else chest).",
        rich_help_panel=PROMPTS,
    ),
]
FrameName = Annotated[
    str | None,
    typer.Option(
        help="Where left, upper, ... are: thirds (default), qata, kvasir, clinicdb, qata-lungs (needs --images or "
        "--lungs), lung-thirds (needs --lungs), or a .json file.",
        rich_help_panel=PROMPTS,
    ),
]
Images = Annotated[
    Path | None,
    typer.Option(help="Folder of the images, for --sheet and for frames that need them.", rich_help_panel=PROMPTS),
]
Lungs = Annotated[
    Path | None,
    typer.Option(
        help="Folder of lung masks (lung is not 0), for frames relative to the lungs.", rich_help_panel=PROMPTS
    ),
]

Empty = Annotated[
    str, typer.Option(help="Distance to an empty mask: diagonal of the image, skip, or nan.", rich_help_panel=SCORES)
]
Metrics = Annotated[
    str,
    typer.Option(help="Metrics, separated by commas; the CSV always has the first four.", rich_help_panel=SCORES),
]
Groups = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN|PATTERN",
        help="Subject of each image: a column of --prompts, or a pattern for the names with one group, such as "
        "'(patient[0-9]+)_'. Intervals then draw subjects instead of images.",
        rich_help_panel=SCORES,
    ),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Threads (default: one per core).", rich_help_panel=SCORES)]

Json = Annotated[bool, typer.Option("--json", help="The summary as one JSON object on stdout.", rich_help_panel=OUTPUT)]
Markdown = Annotated[
    bool, typer.Option("--markdown", help="The summary as a table in Markdown.", rich_help_panel=OUTPUT)
]
Latex = Annotated[
    bool, typer.Option("--latex", help="The summary as a row of a table in LaTeX.", rich_help_panel=OUTPUT)
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Print nothing but warnings, errors, and what --json, --markdown or --latex ask for.",
        rich_help_panel=OUTPUT,
    ),
]
Sheet = Annotated[
    Path | None,
    typer.Option(help="PNG to draw: the images with the lowest Dice, both masks outlined.", rich_help_panel=OUTPUT),
]
