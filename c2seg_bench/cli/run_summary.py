"""What `run` and `evaluate` print when they are done: each method's main numbers, and where the report is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.run import Run
    from reports.tables.model import Cell, Table

METRICS = ("dice", "corrected")


def show(out: Path) -> None:
    """Print Dice and corrected consistency of each method, as the report in `out` has them, and the report's path."""
    from c2seg_bench.terminal.visible import print_visible
    from reports.read import read_run

    for line in summary(read_run(out)):
        print_visible(line)
    print_visible(f"Report: {out / 'report.html'}")


def summary(run: Run) -> Iterator[str]:
    """The lines of a table per dataset, with the values and 95 % intervals that the report prints."""
    from reports.tables import results
    from reports.tables.values import COLLAPSED

    for dataset, table in zip(run.datasets, results(run), strict=True):
        lines = list(_rows(table))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        yield f"{dataset}, with 95 % intervals:"
        for line in lines:
            yield "  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        if any(COLLAPSED in text for line in lines for text in line):
            yield f"  {COLLAPSED} Collapsed: nearly always an empty mask or the same mask; not ranked."


def _rows(table: Table) -> Iterator[list[str]]:
    """Headings, then a row per method; published rows and predictors that never look stay in the report."""
    shown = [i for i, column in enumerate(table.columns) if column.key in METRICS]
    titles = {"corrected": "Consistency, corrected"}
    yield ["", *(titles.get(table.columns[i].key, f"{table.columns[i].title} (%)") for i in shown)]
    for _, rows in table.groups:
        for row in rows:
            if row.kind == "method":
                yield [row.label, *(_text(row.cells[i]) for i in shown)]


def _text(cell: Cell) -> str:
    from reports.tables.values import COLLAPSED

    interval = f" [{', '.join(cell.interval)}]" if cell.interval else ""
    return f"{cell.shown}{COLLAPSED if cell.mark == COLLAPSED else ''}{interval}"
