"""What the prompts state, and how far masks agree with it: two tables per dataset."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reports.run import AXES, BLIND, TRUTH, Run
from reports.tables.captions import collapsed, protocol
from reports.tables.model import Cell, Column, Row, Table, ranks
from reports.tables.results import ABOVE_ONE, FREE, GUIDED, NEVER_LOOK
from reports.tables.values import daggered

EXPERTS = "Experts' masks"
KINDS_OF_METHODS = ((FREE, False), (GUIDED, True))
TITLES = {"count": "Count", "laterality": "Side", "position": "Position", "size": "Size", "all": "All"}


def consistency(run: Run) -> list[Table]:
    """Two tables per dataset with rows in axes.csv: the axes, then the methods."""
    return [table for pair in zip(axes(run), agreement(run), strict=True) for table in pair]


def axes(run: Run) -> list[Table]:
    """What the prompts of each dataset state, and what chance and the experts' masks score."""
    return [_axes(run, dataset, rows) for dataset, rows in _by_dataset(run)]


def agreement(run: Run) -> list[Table]:
    """How far each method's masks agree with the prompts, a table per dataset."""
    return [_methods(run, dataset, rows) for dataset, rows in _by_dataset(run)]


def _by_dataset(run: Run) -> list[tuple[str, pd.DataFrame]]:
    if run.axes is None:
        return []
    tables = [(d, run.axes[run.axes["dataset"] == d].set_index(["method", "axis"])) for d in run.datasets]
    return [(dataset, rows) for dataset, rows in tables if len(rows)]


def _percent(rows: pd.DataFrame, method: str, axis: str, column: str) -> Cell:
    return (
        Cell(100 * float(rows.loc[(method, axis), column]), digits=1)
        if (method, axis) in rows.index
        else Cell(digits=1)
    )


def _axes(run: Run, dataset: str, rows: pd.DataFrame) -> Table:
    stated = [a for a in AXES if a in rows.index.get_level_values("axis")]
    blind = [name for name in BLIND if name in rows.index.get_level_values("method")]
    columns = [Column("Coverage", "%"), Column("Ceiling", "%", group=EXPERTS), Column("Strict", "%", group=EXPERTS),
               Column("Chance", "%", group=EXPERTS), Column("Same statement", "%"),
               *(Column(name.capitalize(), "%", group=NEVER_LOOK) for name in blind)]  # fmt: skip
    lines = []
    for axis in stated:
        any_row = rows.xs(axis, level="axis").iloc[0]  # coverage and ceiling are of the prompts, the same in all rows
        cells = (Cell(100 * float(any_row["coverage"]), digits=1), Cell(100 * float(any_row["ceiling"]), digits=1),
                 _percent(rows, TRUTH, axis, "strict"), _percent(rows, TRUTH, axis, "chance"),
                 Cell(100 * float(any_row["same_reading"]), digits=1),
                 *(_percent(rows, name, axis, "graded") for name in blind))  # fmt: skip
        lines.append(Row(TITLES[axis], cells, "reference"))
    caption = (
        f"{_frame(run, dataset)}Coverage: share of prompts that state the axis; the other columns are over these "
        "prompts. Ceiling: graded score of the experts' masks; strict: share of them that meet the prompt in full; "
        "chance: their graded score against every other image's prompt. Same statement: share of other images whose "
        "prompt states the same, on which chance is right."
        f"{_abstained(run, dataset)}"
    )
    if blind:
        caption += (
            f" {', '.join(n.capitalize() for n in blind)}: graded score of a predictor that never looks at the image."
        )
    number = run.datasets.index(dataset) + 1
    return Table(f"axes-{number}", f"{dataset}: what the prompts state", caption, "Axis", columns, [("", lines)])


def _methods(run: Run, dataset: str, rows: pd.DataFrame) -> Table:
    assert run.axes is not None
    parts = [a for a in AXES[:-1] if a in rows.index.get_level_values("axis")]
    columns = [Column("Strict", "%", "up"), Column("Graded", "%", "up"), Column("Chance", "%"),
               Column("Corrected", "", "up"), *(Column(TITLES[a], "corrected", "up") for a in parts)]  # fmt: skip
    methods = run.of(run.axes, dataset)

    def cells(name: str) -> list[Cell]:
        return [*(_percent(rows, name, "all", c) for c in ("strict", "graded", "chance")),
                *(_corrected(rows, name, a) for a in ("all", *parts))]  # fmt: skip

    lines = _ranked([cells(m.name) for m in methods], columns, [m.name in run.unranked(dataset) for m in methods])
    names = set(rows.index.get_level_values("method"))
    shown = [(m.uses_text, Row(m.title, tuple(line))) for m, line in zip(methods, lines, strict=True)]
    groups = [(title, [row for is_guided, row in shown if is_guided == text]) for title, text in KINDS_OF_METHODS]
    blind = [Row(name.capitalize(), tuple(cells(name)), "reference") for name in BLIND if name in names]
    experts = [Row(EXPERTS, tuple(cells(TRUTH)), "reference")] if TRUTH in names else []
    groups += [(NEVER_LOOK, blind), ("Reference", experts)]
    key = f"consistency-{run.datasets.index(dataset) + 1}"
    title = f"{dataset}: do masks agree with the prompt?"
    return Table(key, title, _caption(run, dataset, rows), "Method", columns, [group for group in groups if group[1]])


def _ranked(lines: list[list[Cell]], columns: list[Column], collapsed: list[bool]) -> list[list[Cell]]:
    """The methods' lines with best and second marked in each column that has an arrow; collapsed ones have a dagger."""
    for j, column in enumerate(columns):
        if column.better and lines:
            values = [None if out else line[j].value for out, line in zip(collapsed, lines, strict=True)]
            for line, rank in zip(lines, ranks(values, column.better, lines[0][j].digits), strict=True):
                line[j] = replace(line[j], rank=rank)
    return [[daggered(c) for c in line] if out else line for out, line in zip(collapsed, lines, strict=True)]


def _caption(run: Run, dataset: str, rows: pd.DataFrame) -> str:
    """Of the table of methods."""
    caption = (
        f"{_frame(run, dataset)}{protocol(run, dataset)} Strict: share of masks that meet everything their prompt "
        "states. Graded: partial agreement counts in part. Chance: each mask against every other image's prompt. "
        "Corrected: (graded − own chance) / (ceiling − experts' chance): 0 at chance, 1 as far above chance as the "
        "experts' masks; –: the experts do no better than chance. Predictors that never look and the experts are not "
        "ranked."
    )
    if BLIND[-1] in set(rows.index.get_level_values("method")):
        caption += f" {ABOVE_ONE}"
    if note := collapsed(run, [dataset]):
        caption += f" {note}"
    if undefined := float(rows["undefined"].max()):
        caption += f" In up to {100 * undefined:.0f} % of the draws a corrected score is undefined; they are left out."
    return caption


def _corrected(rows: pd.DataFrame, name: str, axis: str) -> Cell:
    if (name, axis) not in rows.index:
        return Cell()
    row = rows.loc[(name, axis)]
    return Cell(float(row["corrected"]), float(row["lo"]), float(row["hi"]))


def _frame(run: Run, dataset: str) -> str:
    frame = run.about["datasets"][dataset].get("frame")
    return f"Frame {frame}. " if frame else ""


def _abstained(run: Run, dataset: str) -> str:
    """In how many prompts the reader found nothing to read; runs of earlier versions do not know."""
    entry = run.about["datasets"][dataset]
    if entry.get("abstained") is None:
        return ""
    shown = f" No statement could be read from {100 * entry['abstained']:.1f} % of the prompts that have text."
    return shown + (f" Warning: {warning}." if (warning := entry.get("reading_warning")) else "")
