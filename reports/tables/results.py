"""How good are the masks, and do they follow the words: one table per dataset."""

from __future__ import annotations

import pandas as pd

from reports import published
from reports.run import BLIND, Method, Metric, Run
from reports.tables.captions import between_seeds, collapsed, empty_masks, iou, protocol, published_rows
from reports.tables.model import Cell, Column, Row, Table
from reports.tables.values import blind_row, ranked_column, value_cell, values_of

FREE, GUIDED = "Text-free", "Text-guided"
NEVER_LOOK = "Never look at the image"
ABOVE_ONE = (
    "Prompt only: predicts the mean training mask of the prompts that state the same. As it shows, a corrected score "
    "of 1 can be had without looking at the image, so read it together with Dice."
)


def results(run: Run) -> list[Table]:
    """One table per dataset, with a column for each metric that metrics.csv says to print."""
    return [_table(run, dataset) for dataset in run.datasets]


def footnotes(run: Run) -> dict[str, tuple[str, str]]:
    """method -> (number, words) for methods that deviate from their paper or start from given weights."""
    notes: dict[str, tuple[str, str]] = {}
    for method in sorted(run.methods, key=lambda m: m.uses_text):
        words = " ".join(w for w in (method.deviations, f"Weights: {method.weights}." if method.weights else "") if w)
        if words:
            notes[method.name] = (str(len(notes) + 1), words)
    return notes


def _table(run: Run, dataset: str) -> Table:
    values = values_of(run, dataset)
    methods = run.of(run.main, dataset)
    metrics = [m for m in run.metrics if m.printed]
    columns = [ranked_column(run, dataset, methods, metric) for metric in metrics]
    headings = [Column(m.title, m.unit, m.better, key=m.name) for m in metrics]
    table = Table(f"results-{run.datasets.index(dataset) + 1}", dataset, "", "Method",
                  [Column("Params", "M"), Column("Text"), *headings])  # fmt: skip
    notes, shown = footnotes(run), []
    last = {method.published: method.name for method in methods}  # text-free come first
    for title, uses_text in ((FREE, False), (GUIDED, True)):
        rows = []
        for i, method in enumerate(methods):
            if method.uses_text != uses_text:
                continue
            note = notes.get(method.name, ("", ""))[0]
            cells = (Cell(method.params_m), Cell(text="yes" if uses_text else "no"), *(column[i] for column in columns))
            rows.append(Row(method.title, cells, note=note))
            known = dataset in run.published and method.published in run.published[dataset].index
            if known and last[method.published] == method.name:  # once, where a suite trains a method in several ways
                rows.append(_published(run.published[dataset], method, metrics))
                shown.append(method.published)
        if rows:
            table.groups.append((title, rows))
    blind = [name for name in BLIND if name in values.index.get_level_values("method")]
    if blind:
        table.groups.append((NEVER_LOOK, [_blind(values, name, metrics) for name in blind]))
    table.caption = _caption(run, dataset, values, shown)
    return table


def _blind(values: pd.DataFrame, name: str, metrics: list[Metric]) -> Row:
    return blind_row(name, [value_cell(values, name, m.name, 2, "interval") for m in metrics])


def _published(table: pd.DataFrame, method: Method, metrics: list[Metric]) -> Row:
    row = table.loc[method.published]
    papers = [published.COLUMNS.get(m.name) for m in metrics]
    numbers = [Cell() if paper is None else Cell(float(row[paper])) for paper in papers]
    cells = (Cell(float(row["params_m"])), Cell(text="yes" if row["text"] else "no"), *numbers)
    return Row(f"{method.published}, published", cells, "published")


def _caption(run: Run, dataset: str, values: pd.DataFrame, shown: list[str]) -> str:
    parts = [
        protocol(run, dataset),
        "Bold: best; underlined: second; values that print the same share the mark.",
        "Params: trainable, in millions.",
        iou([m for m in run.metrics if m.printed]),
        *(f"{m.title}: {m.meaning}." for m in run.metrics if m.printed and m.name not in published.COLUMNS),
        empty_masks(run, dataset),
    ]
    titles = {m.name: m.title for m in run.methods}
    if any(name in BLIND for name in values.index.get_level_values("method")):
        parts.append(ABOVE_ONE)
    parts += [between_seeds(run, dataset), collapsed(run, [dataset])]
    trained = values["seeds"].dropna().loc[lambda seeds: seeds > 0]  # 0: trained elsewhere
    trained = trained[trained.index.isin(list(titles), level="method")]
    if set(trained.astype(int)) - {len(run.about["seeds"])}:
        rows = trained.groupby(level="method", sort=False).min()
        parts.append("Not all seeds are done: " + ", ".join(f"{titles[str(m)]} {n:g}" for m, n in rows.items()) + ".")
    if (values["group"] != "").any():
        parts.append(
            "Raised letters: two methods share one if and only if they do not differ significantly; all pairs are "
            "compared at once, with a 5 % risk of any false difference."
        )
    if shown:
        parts.append(published_rows(run, dataset, shown))
    return " ".join(part for part in parts if part)
