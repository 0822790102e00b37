"""What masks owe to the prompt: scores with the true one, none and another image's, and adherence to edits."""

from __future__ import annotations

import pandas as pd

from reports.run import Run
from reports.tables.adherence import adherence_table
from reports.tables.model import Cell, Column, Row, Table

PROMPTS = {"empty": "empty prompt", "other_prompt": "another image's"}


def reliance(run: Run) -> list[Table]:
    """Per dataset: scores under the true prompt, none and another image's; then adherence to edited prompts."""
    return sorted([*prompts(run), *adherence(run)], key=lambda table: int(table.key.rpartition("-")[2]))


def prompts(run: Run) -> list[Table]:
    """Scores under the true prompt, none and another image's, a table per dataset."""
    return [_prompts(run, d, k, rows) for k, d, rows in _by_dataset(run, run.stress, tuple(PROMPTS))]


def adherence(run: Run) -> list[Table]:
    """Whether masks follow edited prompts, a table per dataset."""
    return [adherence_table(run, d, k, rows) for k, d, rows in _by_dataset(run, run.adherence)]


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
    families = [f for f in PROMPTS if f in set(rows["family"])]
    metrics = run.metrics_of(rows)
    columns = [
        Column(prompt, metric.unit, group=metric.title)
        for metric in metrics
        for prompt in ("true prompt", *(PROMPTS[f] for f in families))
    ]
    columns.append(Column("another image's", "%", group="Same mask"))
    lines = []
    for method in run.of(rows, dataset):
        own = rows[rows["method"] == method.name]
        cells = []
        for metric in metrics:
            means = own[own["metric"] == metric.name].groupby("family")[["clean", "value"]].mean()
            cells += [Cell(float(means["clean"].mean()), digits=1)]
            cells += [Cell(float(means.loc[f, "value"]) if f in means.index else None, digits=1) for f in families]
        other = own[(own["family"] == "other_prompt") & (own["metric"] == "dice")]
        cells.append(Cell(float(other["stability"].mean()) if len(other) else None, digits=1))
        lines.append(Row(method.title, tuple(cells), "reference"))
    caption = (
        "Masks predicted with the true prompt, with an empty one and with another image's; all are scored against the "
        "experts' mask (Dice) and the true prompt (graded consistency). Same mask: Dice of the mask for another "
        "image's prompt with the mask for the true one. A method that reads the prompt loses Dice and consistency with "
        "another image's; one that does not predicts the same mask. Nothing is ranked: which behaviour is better "
        "depends on the use."
    )
    return Table(f"reliance-{k}", f"{dataset}: dependence on the prompt", caption, "Method", columns, [("", lines)])
