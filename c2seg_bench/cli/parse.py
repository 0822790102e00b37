"""c2seg-bench parse: the constraints that a prompt states"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from metrics.consistency import Findings

COLOURS = {
    "count": "bold cyan",
    "laterality": "magenta",
    "regions": "green",
    "size": "yellow",
    "denied": "red",
    "past": "dim",
}


def parse(
    text: Annotated[str | None, typer.Argument(help="One prompt.")] = None,
    file: Annotated[Path | None, typer.Option(help="A prompt per line; - is stdin.")] = None,
    ontology: Annotated[
        str, typer.Option(help="How prompts are read: chest, colonoscopy, or a JSON file of your own.")
    ] = "chest",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Show what prompts state: count, side, cells of the grid, or that there is nothing to segment.

    Example: c2seg-bench parse "Bilateral pulmonary infection, two infected areas, upper left lung and lower rihgt lung"
    """
    import json

    from c2seg_bench.cli.light import import_spacy_without_torch
    from c2seg_bench.cli.lines import prompts_from
    from metrics.consistency import parse as read
    from metrics.consistency.reader.ontology import load_ontology

    load_ontology(ontology)
    import_spacy_without_torch()
    readings = (read(line, ontology) for line in prompts_from(text, file, "parse"))
    if as_json:
        for findings in readings:
            print(json.dumps(findings.to_json(), ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(soft_wrap=True)
    legend = "  ".join(f"[{style}]{axis}[/]" for axis, style in COLOURS.items())
    console.print(legend)
    for findings in readings:
        show(findings, console)


def show(findings: Findings, console) -> None:  # type: ignore[no-untyped-def]
    """The prompt in colours, followed by its constraints and the words left out."""
    from rich.text import Text

    from c2seg_bench.terminal.visible import visible

    text = visible(findings.text)
    line = Text(text)
    for axis in ("regions", "laterality", "count", "size", "denied", "past"):
        for start, end in findings.spans.get(axis, ()):
            line.stylize(COLOURS[axis], start, end)
    console.print(line)
    for assertion in findings.assertions:
        where = ", ".join(repr(text[start:end]) for start, end in assertion.spans)
        read = f"  {assertion.axis:10} {assertion.value}"
        console.print(Text(read), Text(f"   {assertion.rule}: {where}", style="dim"))
    rest = {
        "open": ", ".join(findings.open),
        "read as": ", ".join(f"{a} -> {b}" for a, b in findings.corrections),
        "conflicts": "; ".join(findings.conflicts),
    }
    for name, value in rest.items():
        if value:
            console.print(Text(f"  {name:10} {value}", style="red" if name == "conflicts" else ""))
    for omission in findings.left_out:
        console.print(Text(f"  left out   {omission.text.strip()!r}: {omission.why}", style="dim"))
    if findings.states_nothing:
        console.print(Text("  nothing is stated", style="dim"))
