"""c2seg-bench referring write, score"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from c2seg_bench.cli.app import App

if TYPE_CHECKING:
    import pandas as pd

app = App(help="Edited prompts whose correct mask is known, for models trained anywhere.")

MEASURES = {  # of referring.csv -> on the terminal
    "dice": "Dice with the correct mask, %",
    "selectivity": "Selectivity",
    "whole_dice": "Dice with the experts' whole mask, %",
    "own_dice": "Dice of the true prompt's mask with the part, %",
    "true_dice": "Dice of the true prompt, %",
    "difference": "Difference from it",
    "no_target": "No-target accuracy, %",
    "invented": "Invented, % of the image",
    "target": "Target accuracy, %",
}
REFERENCES = ("ground truth", "prompt only", "empty")


@app.command()
def write(
    source: Annotated[str, typer.Argument(help="Dataset; `datasets list` names them, `folder` is your own.")],
    out: Annotated[Path, typer.Option(help="The folder to write; a new one.")],
    root: Annotated[Path | None, typer.Option(help="Folder of the dataset; not for embedded ones.")] = None,
    size: Annotated[int, typer.Option(help="Side of the square images, pixels.", min=16)] = 224,
    option: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE of the source, as in a suite; repeat for several.")
    ] = None,
    ontology: Annotated[str | None, typer.Option(help="Ontology to use instead of the dataset's own.")] = None,
    frame: Annotated[str | None, typer.Option(help="Frame to use instead of the dataset's own.")] = None,
    kinds: Annotated[
        str, typer.Option(help="Kinds of prompts, separated by commas: part, nowhere, mirrored, conflict.")
    ] = "part,nowhere,mirrored,conflict",
    per_image: Annotated[int, typer.Option(min=1, help="Most prompts of one kind for one image.")] = 2,
    images: Annotated[int | None, typer.Option(min=2, help="Test images, evenly spaced (default: all).")] = None,
    native: Annotated[bool, typer.Option("--native", help="Write images at the dataset's own size.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A summary as one JSON object on stdout.")] = False,
) -> None:
    """Write the images and prompts, true and edited, that a model has to answer.

    Edited prompts name a part of the lesions, or a place without lesion. Or the image is flipped, with or without
    swapping the sides in its prompt. OUT/pack has requests.csv (id, image, prompt, condition), the images, and a
    README that explains the answers; `referring score` reads these.

    Example: c2seg-bench referring write qata --root data/qata --size 224 --out edited
    """
    import json

    from c2seg_bench.cli.datasets import options_of
    from c2seg_bench.engine.evaluate.referring_pack import write_pack
    from c2seg_bench.terminal.console import PlainConsole

    dataset = {
        "source": source,
        "root": None if root is None else str(root.expanduser().absolute()),
        "size": size,
        "options": options_of(option),
        "ontology": ontology,
        "frame": frame,
    }
    wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    referring = {"kinds": wanted, "per_image": per_image, "images": images}
    number = write_pack(out, dataset, referring, PlainConsole(stderr=True), native)
    print(json.dumps({"out": str(out), "requests": number}) if as_json else out / "pack" / "README.md")


@app.command()
def score(
    folder: Annotated[Path, typer.Argument(help="Folder that `referring write` wrote.", metavar="DIR")],
    predictions: Annotated[Path, typer.Option(help="Folder of masks named by the ids of requests.csv.")],
    name: Annotated[str, typer.Option(help="The model's name in the tables.")] = "My model",
    partial: Annotated[bool, typer.Option("--partial", help="Score missing answers as empty masks.")] = False,
    no_text: Annotated[bool, typer.Option("--no-text", help="The model does not read the prompt.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The tables as one JSON object on stdout.")] = False,
) -> None:
    """Score a model's answers: does it segment the named part, and nothing if the named place has no lesion?

    The model is compared with the experts' whole masks (which ignore the prompt), the mean training mask of the prompt
    (which ignores the image) and the empty mask. Writes scores of each image, tables and a report to DIR/run.

    Example: c2seg-bench referring score edited --predictions answers --name "My model"
    """
    import json

    from c2seg_bench.engine.evaluate.referring_pack import score_answers
    from c2seg_bench.terminal.console import PlainConsole

    result = score_answers(folder, predictions, name, PlainConsole(stderr=True), partial, not no_text)
    table = result.all_rows("referring")
    table = table[table["method"].isin([result.method, *REFERENCES])]
    if as_json:
        coverage = json.loads(result.all_rows("referring_coverage").to_json(orient="records"))
        rows = json.loads(table.to_json(orient="records"))
        out = {"out": str(result.out), "method": result.method, "report": str(result.report)}
        print(json.dumps({**out, "referring": rows, "coverage": coverage}))
        return
    for kind in dict.fromkeys(table["kind"]):
        show(table[table["kind"] == kind], kind, result.method)
    print(result.report)


def show(rows: pd.DataFrame, kind: str, method: str) -> None:
    """One kind as a table on the terminal: a line per measure, a column for the model and each reference."""
    from rich.table import Table

    from c2seg_bench.terminal.console import PlainConsole

    first = rows.iloc[0]
    columns = [column for column in (method, *REFERENCES) if column in set(rows["method"])]
    table = Table("", *columns, title=f"{kind}: {first['n']} prompts on {first['images']} images")
    by_measure = {(row.method, row.measure): row for row in rows.itertuples()}
    for measure, title in MEASURES.items():
        cells = [by_measure.get((column, measure)) for column in columns]
        if any(cells):
            table.add_row(title, *(cell(row, measure == "selectivity") for row in cells))
    PlainConsole().print(table)


def cell(row: object, two_digits: bool) -> str:
    """A value with its interval; a dash if there is no value."""
    if row is None:
        return "-"
    digits = 2 if two_digits else 1
    value, low, high = (f"{getattr(row, end):.{digits}f}" for end in ("value", "lo", "hi"))
    return value if low == "nan" else f"{value} [{low}, {high}]"
