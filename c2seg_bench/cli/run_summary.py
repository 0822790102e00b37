"""What `run` and `evaluate` print when they are done: each method's main numbers, the answer, and the report's path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.run import Run
    from reports.tables.model import Cell, Table

METRICS = ("dice", "corrected")


def show(out: Path) -> None:
    """Print Dice, corrected consistency and which methods follow the words, as in the report, and its path."""
    from c2seg_bench.terminal.visible import print_visible
    from reports.read import read_run

    for line in summary(read_run(out)):
        print_visible(line)
    print_visible(f"Report: {out / 'report.html'}")


def summary(run: Run) -> Iterator[str]:
    """Per dataset, the report's values with 95 % intervals, and its answer to whether masks follow the words."""
    from reports.following import following
    from reports.tables import results
    from reports.tables.values import COLLAPSED

    width = max(40, get_terminal_size().columns)
    for dataset, table in zip(run.datasets, results(run), strict=True):
        lines = list(_rows(table))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        yield f"{dataset}, with 95 % intervals:"
        for line in lines:
            yield "  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        if any(COLLAPSED in text for line in lines for text in line):
            yield f"  {COLLAPSED} Collapsed: nearly always an empty mask or the same mask; not ranked."
        answer = f"Do masks follow the words? {following(run, dataset)}"
        yield from wrap(answer, width, initial_indent="  ", subsequent_indent="  ")


def _rows(table: Table) -> Iterator[list[str]]:
    """Headings, then a row per method; published rows and predictors that never look stay in the report."""
    shown = [i for i, column in enumerate(table.columns) if column.key in METRICS]
    titles = {"corrected": "Consistency, chance-corrected"}
    yield ["", *(titles.get(table.columns[i].key, f"{table.columns[i].title} (%)") for i in shown)]
    for _, rows in table.groups:
        for row in rows:
            if row.kind == "method":
                yield [row.label, *(_text(row.cells[i]) for i in shown)]


def _text(cell: Cell) -> str:
    from reports.tables.values import COLLAPSED

    interval = f" [{', '.join(cell.interval)}]" if cell.interval else ""
    return f"{cell.shown}{COLLAPSED if cell.mark == COLLAPSED else ''}{interval}"
