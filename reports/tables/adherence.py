"""Masks of edited prompts: how many satisfy the edit, how many are empty, and how many satisfied it before."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.run import Method, Run
from reports.tables.captions import collapsed
from reports.tables.model import Cell, Column, Row, Table, ranks
from reports.tables.values import daggered

FAMILIES = {
    "swap_side": "sides exchanged",
    "move_zone": "zones exchanged",
    "change_count": "another number",
    "deny": "denied",
    "other_prompt": "other image's",
    "contradiction": "contradiction",
}
CAPTION = (
    "The prompt was edited, the image was not. Under each edit: the share of masks that satisfy the edited prompt on "
    "the axis that was edited (sides, zones, number, nothing to segment; for another image's prompt all that it "
    "states), over the images where the edit changed what is stated; the share of masks that are empty; and the share "
    "of the same method's masks of the true prompt that satisfied the edited one before, which is what it gets without "
    "reading. An empty mask fails the edit, and yet is right where nothing lies at the place that is now named. "
    "Brackets: 95 % interval. Ceiling: masks of experts who wrote such a prompt; –: none did."
)


def adherence_table(run: Run, dataset: str, k: int, rows: pd.DataFrame) -> Table:
    """A line per method; for each family of edits what is followed, what is empty, and what held before.

    Args:
        k: number of the dataset in the report.
        rows: of adherence.csv, of this dataset.
    """
    families = [f for f in FAMILIES if f in set(rows["family"])]
    families += [f for f in dict.fromkeys(rows["family"]) if f not in families]
    methods = run.of(rows, dataset)
    by_name = {(r.method, r.family): r for r in rows.itertuples()}
    columns: list[Column] = []
    cells: list[list[Cell]] = [[] for _ in methods]
    ceilings: list[Cell] = []
    for family in families:
        title = FAMILIES.get(family, family)
        columns += [Column(title, "%", "up"), Column(f"{title}: empty", "%"), Column(f"{title}: before", "%")]
        own = [by_name.get((m.name, family)) for m in methods]
        ranked = _ranks(own, methods, run.unranked(dataset))
        for method, line, row, rank in zip(methods, cells, own, ranked, strict=True):
            found = _cells(row, rank)
            line += map(daggered, found) if method.name in run.unranked(dataset) else found
        best = float(rows.loc[rows["family"] == family, "ceiling"].mean())
        ceilings += [Cell(100 * best, digits=1), Cell(), Cell()]
    lines = [Row(m.title, tuple(line), "reference") for m, line in zip(methods, cells, strict=True)]
    lines.append(Row("Experts' masks of such prompts (ceiling)", tuple(ceilings), "summary"))
    title = f"{dataset}: do masks follow edited words?"
    caption = " ".join(part for part in (CAPTION, collapsed(run, [dataset])) if part)
    return Table(f"adherence-{k}", title, caption, "Method", columns, [("", lines)])


def _cells(row: Any, rank: int | None) -> list[Cell]:
    if row is None:
        return [Cell(), Cell(), Cell()]
    followed = Cell(100 * row.followed, 100 * row.lo, 100 * row.hi, digits=1, rank=rank)
    return [followed, Cell(100 * row.empty, digits=1), Cell(100 * row.before, digits=1)]


def _ranks(rows: list[Any], methods: list[Method], unranked: set[str]) -> list[int | None]:
    """Among the methods that read the prompt and did not collapse: an empty mask follows every denial."""
    ranked = [m.uses_text and m.name not in unranked for m in methods]
    values = [100 * r.followed if r is not None and take else None for r, take in zip(rows, ranked, strict=True)]
    return ranks(values, "up", 1)
