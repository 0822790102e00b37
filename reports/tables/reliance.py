"""How far a method reads its prompt: the true one, none, somebody else's, and edited ones to be followed."""

from __future__ import annotations

import pandas as pd

from reports.run import Method, Run
from reports.tables.model import Cell, Column, Row, Table, ranks

PROMPTS = {"empty": "empty", "other_prompt": "other image's"}
FAMILIES = {
    "swap_side": "sides exchanged",
    "move_zone": "zones exchanged",
    "change_count": "another number",
    "deny": "denied",
    "other_prompt": "other image's",
    "contradiction": "contradiction",
}


def reliance(run: Run) -> list[Table]:
    """Per dataset: scores under the true prompt, none and another image's; then adherence to edited prompts."""
    return sorted([*prompts(run), *adherence(run)], key=lambda table: int(table.key.rpartition("-")[2]))


def prompts(run: Run) -> list[Table]:
    """Scores under the true prompt, none and another image's, a table per dataset."""
    return [_prompts(run, d, k, rows) for k, d, rows in _by_dataset(run, run.stress, tuple(PROMPTS))]


def adherence(run: Run) -> list[Table]:
    """Whether masks follow edited prompts, a table per dataset."""
    return [_adherence(run, d, k, rows) for k, d, rows in _by_dataset(run, run.adherence)]


def _by_dataset(
    run: Run, table: pd.DataFrame | None, families: tuple[str, ...] = ()
) -> list[tuple[int, str, pd.DataFrame]]:
    """(number of the dataset from 1, dataset, its rows of these families, of all where none are named)."""
    if table is None:
        return []
    table = table[table["family"].isin(families)] if families else table
    parts = [(k, d, table[table["dataset"] == d]) for k, d in enumerate(run.datasets, start=1)]
    return [(k, d, rows) for k, d, rows in parts if len(rows)]


def _prompts(run: Run, dataset: str, k: int, rows: pd.DataFrame) -> Table:
    """Each metric under each prompt, all against the true mask and the true prompt."""
    given = [f for f in PROMPTS if f in set(rows["family"])]
    metrics = run.metrics_of(rows)
    columns = [
        Column(f"{metric.title}, {prompt}", metric.unit, None)
        for metric in metrics
        for prompt in ("true prompt", *(PROMPTS[f] for f in given))
    ]
    columns.append(Column("Mask kept, other image's", "Dice, %"))
    lines = []
    for method in run.of(rows, dataset):
        own = rows[rows["method"] == method.name]
        cells = []
        for metric in metrics:
            of = own[own["metric"] == metric.name].groupby("family")[["clean", "value"]].mean()
            cells += [Cell(float(of["clean"].mean()), digits=1)]
            cells += [Cell(float(of.loc[f, "value"]) if f in of.index else None, digits=1) for f in given]
        other = own[(own["family"] == "other_prompt") & (own["metric"] == "dice")]
        cells.append(Cell(float(other["stability"].mean()) if len(other) else None, digits=1))
        lines.append(Row(method.title, tuple(cells), "reference"))
    caption = (
        "Masks made with the true prompt, with none, and with another image's; Dice against the experts' mask and "
        "graded consistency with the true prompt. A method that reads its text loses both with another image's prompt; "
        "one that does not keeps its mask. Nothing is ranked: what is wanted depends on the use."
    )
    return Table(f"reliance-{k}", f"{dataset}: how far the text is read", caption, "Method", columns, [("", lines)])


def _adherence(run: Run, dataset: str, k: int, rows: pd.DataFrame) -> Table:
    """Share of masks that satisfy the edited axis of the edited prompt, and in brackets those that did before."""
    families = [f for f in FAMILIES if f in set(rows["family"])]
    families += [f for f in dict.fromkeys(rows["family"]) if f not in families]
    columns = [Column(FAMILIES.get(f, f), "%", "up") for f in families]
    methods = run.of(rows, dataset)
    table = {(r.method, r.family): r for r in rows.itertuples()}
    orders = {f: _ranks([table.get((m.name, f)) for m in methods], methods) for f in families}
    lines = [
        Row(m.title, tuple(_cell(table.get((m.name, f)), orders[f][i]) for f in families), "reference")
        for i, m in enumerate(methods)
    ]
    before = [float(rows.loc[rows["family"] == f, "before"].mean()) for f in families]
    lines.append(Row("Before the edit (mean)", tuple(Cell(100 * b, digits=1) for b in before), "summary"))
    best = [float(rows.loc[rows["family"] == f, "ceiling"].mean()) for f in families]
    lines.append(
        Row("Experts' masks of such prompts (ceiling)", tuple(Cell(100 * b, digits=1) for b in best), "summary")
    )
    caption = (
        "The prompt was edited, the picture was not. Share of masks that satisfy the edited prompt on the axis that "
        "was edited (sides, zones, number, nothing to segment; for another image's prompt all that it states), over "
        "the images where the edit changed what is stated. Brackets: 95 % interval. Before the edit: the masks of the "
        "true prompt against the edited one, which is what a method gets that does not read. Ceiling: masks of experts "
        "who wrote such a prompt; –: none did."
    )
    return Table(
        f"adherence-{k}", f"{dataset}: do masks follow edited words?", caption, "Method", columns, [("", lines)]
    )


def _cell(row: object, rank: int | None) -> Cell:
    if row is None:
        return Cell()
    return Cell(100 * row.followed, 100 * row.lo, 100 * row.hi, digits=1, rank=rank)  # type: ignore[attr-defined]


def _ranks(rows: list, methods: list[Method]) -> list[int | None]:
    values = [100 * r.followed if r is not None and m.uses_text else None for r, m in zip(rows, methods, strict=True)]
    return ranks(values, "up", 1)
