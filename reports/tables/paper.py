"""The paper's two result tables in its own layout: two datasets side by side, our rows below the published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from reports import published
from reports.run import Method, Metric, Run
from reports.tables.captions import published_rows
from reports.tables.main import PARAMS, SHORT, TEXT, caption, facts, grid
from reports.tables.model import Cell, Column, Row, Table
from reports.tables.results import FREE, GUIDED
from reports.tables.values import Spread


def paper(run: Run, spread: Spread = "interval") -> list[Table]:
    """The paper's tables with all their rows, ours below those of the same method.

    Returns:
        At most two tables; none where no dataset of the run is one of the paper's.
    """
    return [_table(run, number, own, spread) for number in (1, 2) if any((own := _datasets(run, number)).values())]


def _datasets(run: Run, number: int) -> dict[str, str]:
    """Dataset of the paper's table -> the run's name of it, "" for one that was not run."""
    names = {run.about["datasets"][d].get("published"): d for d in reversed(run.datasets)}
    return {key: names.get(key, "") for key, table in published.NUMBERS.items() if table == number}


def _table(run: Run, number: int, own: Mapping[str, str], spread: Spread) -> Table:
    tables = {key: published.load(key) for key in own}
    metrics = [m for m in run.metrics if m.name in published.COLUMNS]
    ran = [name for name in own.values() if name]
    scored = set(run.main.loc[run.main["dataset"].isin(ran), "method"])
    methods = [m for m in run.methods if m.name in scored]
    cells = _cells(run, list(own.values()), metrics, methods, spread)
    columns = [
        Column(m.title, m.unit, m.better, group=name or key, key=m.name) for key, name in own.items() for m in metrics
    ]
    title = f"Table {number} of the paper, and ours"
    table = Table(f"paper-{number}", title, "", "Method", [PARAMS, TEXT, *columns])
    for heading, uses_text in ((FREE, False), (GUIDED, True)):
        rows = []
        of_group = [m for m in methods if m.uses_text == uses_text]
        names = [name for name, text in next(iter(tables.values()))["text"].items() if text == uses_text]
        for name in names:
            rows.append(_published_row(str(name), tables, metrics))
            rows += [_own_row(m, cells) for m in of_group if m.published == name]
        rows += [_own_row(m, cells) for m in of_group if m.published not in names]
        table.groups.append((heading, rows))
    table.short = f"Italic: as published. Ours: {SHORT[spread][0].lower()}{SHORT[spread][1:]}"
    warnings = [published_rows(run, name, list(run.published[name].index)) for name in ran]
    table.caption = " ".join([caption(run, ran, spread, metrics), *dict.fromkeys(warnings)])
    return table


def _cells(
    run: Run, datasets: Sequence[str], metrics: Sequence[Metric], methods: Sequence[Method], spread: Spread
) -> dict[str, list[Cell]]:
    """method -> its cells in all datasets; dashes in those that were not run ("")."""
    cells: dict[str, list[Cell]] = {m.name: [] for m in methods}
    for dataset in datasets:
        known = grid(run, [dataset], metrics, methods, spread)[1] if dataset else {}
        for name, row in cells.items():
            row += known.get(name, [Cell()] * len(metrics))
    return cells


def _published_row(name: str, tables: Mapping[str, pd.DataFrame], metrics: Sequence[Metric]) -> Row:
    rows = [table.loc[name] for table in tables.values()]
    values = [Cell(float(row[published.COLUMNS[m.name]])) for row in rows for m in metrics]
    reads = Cell(text="yes" if rows[0]["text"] else "no")
    return Row(name, (Cell(float(rows[0]["params_m"]), digits=1), reads, *values), "published")


def _own_row(method: Method, cells: Mapping[str, list[Cell]]) -> Row:
    return Row(f"{method.title}, ours", (*facts(method), *cells[method.name]))
