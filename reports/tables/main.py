"""Several datasets side by side: the table for a paper's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports import published
from reports.run import BLIND, Method, Metric, Run
from reports.tables.captions import brackets, collapsed, iou, listed
from reports.tables.model import Cell, Column, Row, Table
from reports.tables.results import FREE, GUIDED, NEVER_LOOK, footnotes
from reports.tables.values import Spread, blind_row, ranked_column, value_cell, values_of

SHORT = {
    "interval": "Means over test images with 95 % intervals.",
    "seeds": "Means over test images ± standard deviation between trainings.",
    "none": "Means over test images.",
}


def main(run: Run, spread: Spread = "interval") -> list[Table]:
    """One table with the printed metrics of every dataset; the paper's own rows are left to `paper`.

    Args:
        spread: what stands beside each value, as in `value_cell`.
    """
    metrics = [m for m in run.metrics if m.printed]
    scored = set(run.main["method"])
    methods = sorted((m for m in run.methods if m.name in scored), key=lambda m: m.uses_text)
    columns, cells = grid(run, run.datasets, metrics, methods, spread)
    table = Table("main", f"Masks on {listed(run.datasets)}", "", "Method", [PARAMS, TEXT, *columns])
    notes = footnotes(run)
    for title, uses_text in ((FREE, False), (GUIDED, True)):
        of_group = [m for m in methods if m.uses_text == uses_text]
        rows = [Row(m.title, (*facts(m), *cells[m.name]), note=notes.get(m.name, ("", ""))[0]) for m in of_group]
        if rows:
            table.groups.append((title, rows))
    if blind := [_blind(run, name, metrics, spread) for name in BLIND if name in scored]:
        table.groups.append((NEVER_LOOK, blind))
    table.short, table.caption = SHORT[spread], caption(run, run.datasets, spread, metrics)
    return [table]


PARAMS, TEXT = Column("Params", "M"), Column("Text")


def facts(method: Method) -> tuple[Cell, Cell]:
    """The cells under PARAMS and TEXT."""
    return Cell(method.params_m, digits=1), Cell(text="yes" if method.uses_text else "no")


def grid(
    run: Run, datasets: Sequence[str], metrics: Sequence[Metric], methods: Sequence[Method], spread: Spread
) -> tuple[list[Column], Mapping[str, list[Cell]]]:
    """The columns of every dataset and metric, and method -> its cells in them, ranked within each column."""
    columns: list[Column] = []
    cells: dict[str, list[Cell]] = {m.name: [] for m in methods}
    for dataset in datasets:
        for metric in metrics:
            columns.append(Column(metric.title, metric.unit, metric.better, group=dataset, key=metric.name))
            column = ranked_column(run, dataset, methods, metric, digits(metric, spread), spread)
            for method, cell in zip(methods, column, strict=True):
                cells[method.name].append(cell)
    return columns, cells


def digits(metric: Metric, spread: Spread) -> int:
    """Two decimals, as papers print; one beside an interval, which is rarely narrower than a point."""
    return 1 if spread == "interval" and metric.unit else 2


def caption(run: Run, datasets: Sequence[str], spread: Spread, metrics: Sequence[Metric]) -> str:
    """What the values are means of, and what the marks mean."""
    counts = [f"{d} {run.about['datasets'][d].get('test_images') or 'not recorded'}" for d in datasets]
    parts = [f"Test images: {', '.join(counts)}."]
    if spread == "interval":
        parts.append(brackets(run, list(datasets)))
    parts.append("Bold: best; underlined: second. Params: trainable, in millions.")
    parts.append(iou(metrics))
    parts += [f"{m.title}: {m.meaning}." for m in metrics if m.name not in published.COLUMNS]
    if (run.main["group"] != "").any():
        parts.append("Raised letters: two methods share one if and only if they do not differ significantly.")
    return " ".join(part for part in [*parts, collapsed(run, datasets)] if part)


def _blind(run: Run, name: str, metrics: Sequence[Metric], spread: Spread) -> Row:
    cells = [
        value_cell(values_of(run, dataset), name, metric.name, digits(metric, spread), spread)
        for dataset in run.datasets
        for metric in metrics
    ]
    return blind_row(name, cells)
