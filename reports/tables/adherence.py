"""Masks of edited prompts: how many satisfy the edit, how many did so before it, and how many are empty."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.run import Method, Run
from reports.tables.captions import collapsed
from reports.tables.model import Cell, Column, Row, Table, ranks
from reports.tables.values import daggered

FAMILIES = {
    "swap_side": "Sides exchanged",
    "move_zone": "Zones exchanged",
    "change_count": "Another number",
    "deny": "Findings denied",
    "other_prompt": "Another image's prompt",
    "contradiction": "Contradiction",
}
CAPTION = (
    "The prompt was edited, the image was not; only images where the edit changed what the prompt states count. "
    "Satisfied: share of masks that satisfy the edited prompt on the axis that was edited (for another image's prompt, "
    "on everything that it states). Before: the same share among the method's masks of the true prompt, which it "
    "reaches without reading the edit. Empty: share of empty masks; an empty mask does not satisfy the edit, yet it is "
    "correct where no lesion lies at the place now named. Brackets: 95 % intervals. Ceiling: the experts' masks of "
    "images whose true prompt states what the edited prompts state; –: there are none."
)


def adherence_table(run: Run, dataset: str, k: int, rows: pd.DataFrame) -> Table:
    """A line per method; for each family of edits the masks that satisfy it, that did so before, and that are empty.

    Args:
        k: number of the dataset in the report.
        rows: of adherence.csv, of this dataset.
    """
    families = families_in_order(rows)
    methods = run.of(rows, dataset)
    by_name = {(r.method, r.family): r for r in rows.itertuples()}
    columns: list[Column] = []
    cells: list[list[Cell]] = [[] for _ in methods]
    ceilings: list[Cell] = []
    for family in families:
        group = FAMILIES.get(family, family)
        columns += [
            Column("satisfied", "%", "up", group),
            Column("before", "%", group=group),
            Column("empty", "%", group=group),
        ]
        own = [by_name.get((m.name, family)) for m in methods]
        ranked = _ranks(own, methods, run.unranked(dataset))
        for method, line, row, rank in zip(methods, cells, own, ranked, strict=True):
            shown = _cells(row, rank)
            line += map(daggered, shown) if method.name in run.unranked(dataset) else shown
        best = float(rows.loc[rows["family"] == family, "ceiling"].mean())
        ceilings += [Cell(100 * best, digits=1), Cell(), Cell()]
    lines = [Row(m.title, tuple(line), "reference") for m, line in zip(methods, cells, strict=True)]
    lines.append(Row("Experts' masks (ceiling)", tuple(ceilings), "summary"))
    title = f"{dataset}: do masks follow edited words?"
    caption = " ".join(part for part in (CAPTION, collapsed(run, [dataset])) if part)
    return Table(f"adherence-{k}", title, caption, "Method", columns, [("", lines)])


def families_in_order(rows: pd.DataFrame) -> list[str]:
    """The families of edits in rows of adherence.csv, in the order of FAMILIES; unknown ones last."""
    families = list(dict.fromkeys(rows["family"]))
    return [*(f for f in FAMILIES if f in families), *(f for f in families if f not in FAMILIES)]


def _cells(row: Any, rank: int | None) -> list[Cell]:
    if row is None:
        return [Cell(), Cell(), Cell()]
    followed = Cell(100 * row.followed, 100 * row.lo, 100 * row.hi, digits=1, rank=rank)
    return [followed, Cell(100 * row.before, digits=1), Cell(100 * row.empty, digits=1)]


def _ranks(rows: list[Any], methods: list[Method], unranked: set[str]) -> list[int | None]:
    """Among the methods that read the prompt and did not collapse: an empty mask follows every denial."""
    ranked = [m.uses_text and m.name not in unranked for m in methods]
    values = [100 * r.followed if r is not None and take else None for r, take in zip(rows, ranked, strict=True)]
    return ranks(values, "up", 1)
