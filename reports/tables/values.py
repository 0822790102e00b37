"""Cells from main.csv: a value with what stands beside it, ranked among the methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pandas as pd

from reports.run import CONSTANT, Method, Metric, Run
from reports.tables.model import Cell, Row, ranks

Spread = Literal["interval", "seeds", "none"]
COLLAPSED = "†"
SPREADS: tuple[Spread, ...] = ("interval", "seeds", "none")


def values_of(run: Run, dataset: str) -> pd.DataFrame:
    """The rows of main.csv of one dataset, by method and metric."""
    return run.main[run.main["dataset"] == dataset].set_index(["method", "metric"])


def ranked_column(
    run: Run, dataset: str, methods: Sequence[Method], metric: Metric, digits: int = 2, spread: Spread = "interval"
) -> list[Cell]:
    """One metric of every method, the best and the second marked by what is printed; a collapsed method is neither."""
    values, out = values_of(run, dataset), run.unranked(dataset)
    cells = [value_cell(values, method.name, metric.name, digits, spread) for method in methods]
    ranked = [None if m.name in out else c.value for c, m in zip(cells, methods, strict=True)]
    order = ranks(ranked, metric.better, digits)
    return [daggered(c) if m.name in out else replace(c, rank=r) for c, m, r in zip(cells, methods, order, strict=True)]


def daggered(cell: Cell) -> Cell:
    """The cell of a collapsed method, marked and not ranked; a dash stays a dash."""
    return cell if cell.value is None else replace(cell, rank=None, mark=COLLAPSED)


def value_cell(values: pd.DataFrame, method: str, metric: str, digits: int, spread: Spread) -> Cell:
    """A value of main.csv; a dash where it has none.

    Args:
        spread: what stands beside the value: its 95 % interval, the standard deviation between trainings (where three
            or more are known), or nothing.
    """
    if (method, metric) not in values.index:
        return Cell()
    row = values.loc[(method, metric)]
    cell = Cell(float(row["value"]), digits=digits, mark=str(row["group"]))
    if spread == "interval":
        return replace(cell, lo=float(row["lo"]), hi=float(row["hi"]))
    return replace(cell, sd=float(row["seed_sd"])) if spread == "seeds" else cell


def blind_row(name: str, cells: Sequence[Cell]) -> Row:
    """A predictor that never looks at the image; not ranked, and without parameters."""
    reads = Cell(text="yes" if name not in CONSTANT else "no")
    return Row(name.capitalize(), (Cell(), reads, *cells), "reference")
