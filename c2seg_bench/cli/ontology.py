"""c2seg-bench ontology list, check: the vocabularies that ship, and how one reads a table of prompts"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from c2seg_bench.cli.app import App

if TYPE_CHECKING:
    from c2seg_bench.text.reading import Reading
    from metrics.consistency.reader.ontology import Ontology

app = App(help="List the ontologies that ship, which give meaning to the words of prompts, and check your own.")
MOST_WORDS = 15  # printed of each list


@app.command("list")
def list_() -> None:
    """List the ontologies that ship, with their grids.

    Example: c2seg-bench ontology list
    """
    from metrics.consistency.reader.ontology import load_ontology, ontologies

    for name in ontologies():
        print(f"{name:12} {grid_of(load_ontology(name))}")


@app.command()
def check(
    ontology: Annotated[str, typer.Argument(metavar="NAME|FILE", help="An ontology that ships, or a .json file.")],
    prompts: Annotated[
        Path | None, typer.Option(help="Table (csv, xlsx, json) with columns image and prompt, or a .txt of lines.")
    ] = None,
    prompt_column: Annotated[str | None, typer.Option(help="Column of the prompts.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Check an ontology file, and show how it reads your prompts and which words it lacks.

    A fault of the file is reported in one line that names the key. With --prompts, the command prints the share of
    prompts that state each axis, words without a role, corrected misspellings, and prompts that state nothing.

    Example: c2seg-bench ontology check mine.json --prompts train.csv
    """
    import json

    from c2seg_bench.cli.light import import_spacy_without_torch
    from metrics.consistency.reader.ontology import load_ontology

    import_spacy_without_torch()
    loaded = load_ontology(ontology)
    reading = None
    if prompts is not None:
        from c2seg_bench.text.reading import read_all

        reading = read_all(texts_of(prompts, prompt_column), ontology)
    if as_json:
        grid = {"title": loaded.title, "rows": loaded.rows, "columns": loaded.columns, "laterality": loaded.laterality}
        print(json.dumps({"ontology": ontology, **grid, **(reading.to_json() if reading else {})}, ensure_ascii=False))
        return
    print(f"{ontology}: {grid_of(loaded)}; nothing wrong")
    if reading is not None:
        show(reading, loaded.laterality)


def texts_of(path: Path, column: str | None) -> list[str]:
    """The prompts of a table, or the lines of a text file."""
    from c2seg_bench.cli.lines import prompts_from
    from c2seg_bench.data.tables.prompt_tables import Columns, read_prompts
    from c2seg_bench.errors import InputError

    if path.suffix.lower() == ".txt":
        texts = prompts_from(None, path, "ontology check")
    else:
        texts = [row.prompt for row in read_prompts(path, columns=Columns(column))]
    if not texts:
        raise InputError(f"--prompts {path}: no prompt in it")
    return texts


def grid_of(ontology: Ontology) -> str:
    """Title, rows, columns and sides on one line."""
    sides = "with an axis of sides" if ontology.laterality else "no axis of sides"
    return f"{ontology.title}; rows {', '.join(ontology.rows)}; columns {', '.join(ontology.columns)}; {sides}"


def show(reading: Reading, sides: bool) -> None:
    """Print the shares of prompts, then the words that were not read, the most frequent first.

    Args:
        sides: whether the ontology has an axis of sides.
    """
    shares = reading.shares
    print(f"{shares['n']} prompts")
    for axis in ("count", *(["laterality"] if sides else []), "position", "size", "absent"):
        print(f"  {axis:11}{shares[axis]:6.1%} state it")
    for name, what in (
        ("abstained", "state nothing"),
        ("conflicts", "contradict themselves"),
        ("unread", "name a place that is not read"),
    ):
        print(f"  {'':11}{shares[name]:6.1%} {what}")
    lists = {
        "words without a meaning": reading.unknown_words,
        "misspelled, read as": reading.corrections,
        "left out, because": reading.left_out,
    }
    for title, counted in lists.items():
        if counted:
            shown = ", ".join(f"{what} ({n})" for what, n in list(counted.items())[:MOST_WORDS])
            print(f"{title}: {shown}{', ...' if len(counted) > MOST_WORDS else ''}")
    for title, examples in (("state nothing", reading.silent), ("contradict themselves", reading.contradictory)):
        for prompt in examples:
            print(f"{title}: {' '.join(prompt.split())!r}")
