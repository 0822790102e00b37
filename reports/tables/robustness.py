"""What noise in the prompt costs: one table per dataset and metric, kinds of noise never mixed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reports.read import KINDS, Method, Run
from reports.tables.model import Cell, Column, Row, Table, number, ranks

WIDTH = 8  # methods side by side before a table goes on in another
GROUPS = {
    "kept": "Meaning kept (the mask should stay)",
    "missing": "Findings missing (should fall back gracefully)",
    "changed": "Meaning changed (a drop means that the words are followed)",
}
BLANK = Cell(text=" ")
MEANS = {"kept": "meaning kept", "missing": "findings missing", "changed": "meaning changed"}
METRICS = {"dice": "Dice", "consistency": "Consistency"}
CAPTION = (
    "Drop against the clean prompt in points, mean over severities {severities}; negative: better than clean. The "
    "prompt that masks are scored against is always the clean one. Brackets: 95 % interval, the mean of the "
    "severities' intervals (exact if severities rise and fall together, else too wide). Reworded: share of prompts "
    "that the noise changed. Ranked within a row, bold least, underlined second, where the meaning is kept; elsewhere"
    " less is not better by itself. –: not run at every severity."
)


@dataclass(frozen=True)
class Drop:
    """One family's (or one kind's) drop of one method, in points; nan where the method did not run every severity."""

    value: float
    lo: float
    hi: float

    @staticmethod
    def mean(drops: list[Drop]) -> Drop:
        table = np.array([(d.value, d.lo, d.hi) for d in drops])
        return Drop(*(float(v) for v in table.mean(axis=0)))

    def cell(self, rank: int | None = None) -> Cell:
        return Cell(self.value, self.lo, self.hi, digits=1, rank=rank)


def robustness(run: Run) -> list[Table]:
    """Families as rows, methods as columns, at most WIDTH a table. Other metrics than METRICS stay in stress.csv."""
    if run.stress is None:
        return []
    found = []
    for dataset in run.datasets:
        for metric in METRICS:
            rows = run.stress[(run.stress["dataset"] == dataset) & (run.stress["metric"] == metric)]
            readers, deaf = _readers(run.of(rows, dataset), rows)
            parts = [readers[i : i + WIDTH] for i in range(0, len(readers), WIDTH)]
            for part, methods in enumerate(parts, start=1):
                found.append(_table(run, dataset, metric, rows, methods, deaf, (part, len(parts))))
    return found


def drops(rows: pd.DataFrame, methods: list[Method]) -> dict[tuple[str, str], Drop]:
    """(family, method) -> drop averaged over all severities that any method has of that family."""
    found = {}
    for family, table in rows.groupby("family", sort=False):
        severities = table["severity"].nunique()
        for method in methods:
            own = table.loc[table["method"] == method.name, ["drop", "lo", "hi"]]
            complete = len(own) == severities
            found[str(family), method.name] = Drop(*(own.to_numpy().mean(axis=0) if complete else (np.nan,) * 3))
    return found


def _readers(methods: list[Method], rows: pd.DataFrame) -> tuple[list[Method], list[Method]]:
    """Those that the noise can touch, and text-free ones whose masks did not move: a column of zeros says nothing."""
    still = {m.name for m in methods if not m.uses_text and not rows.loc[rows["method"] == m.name, "drop"].any()}
    return [m for m in methods if m.name not in still], [m for m in methods if m.name in still]


def _table(run: Run, dataset: str, metric: str, rows: pd.DataFrame, methods: list[Method], deaf: list[Method],
           part: tuple[int, int]) -> Table:  # fmt: skip
    found = drops(rows, methods)
    columns = [Column("Reworded", "%"), *(Column(m.title) for m in methods)]
    title = f"{dataset}: drop in {METRICS[metric]}" + (f", part {part[0]} of {part[1]}" if part[1] > 1 else "")
    severities = ", ".join(f"{s:g}" for s in sorted(set(rows["severity"])))
    caption = CAPTION.format(severities=severities)
    if deaf:
        caption += f" {', '.join(m.title for m in deaf)} read no prompt: drop 0 everywhere, not shown."
    key = f"stress-{run.datasets.index(dataset) + 1}-{metric}-{part[0]}"
    table = Table(key, title, caption, "Noise", columns)
    for kind in KINDS:
        of_kind = rows[rows["kind"] == kind]
        families = list(dict.fromkeys(of_kind["family"]))
        if families:
            lines = [_family(f, of_kind, methods, found, kind == "kept") for f in families]
            table.groups.append((GROUPS[kind], lines + _summary(kind, families, of_kind, methods, found)))
    return table


def _family(
    family: str, rows: pd.DataFrame, methods: list[Method], found: dict[tuple[str, str], Drop], ranked: bool
) -> Row:
    own = [found[family, m.name] for m in methods]
    order = _least([d.value for d in own], methods) if ranked else [None] * len(own)
    changed = Cell(100 * float(rows.loc[rows["family"] == family, "changed"].mean()), digits=0)
    return Row(family, (changed, *(d.cell(r) for d, r in zip(own, order, strict=True))))


def _least(values: list[float], methods: list[Method]) -> list[int | None]:
    """Ranks among the methods that read the prompt."""
    return ranks([v if m.uses_text else None for v, m in zip(values, methods, strict=True)], "down", 1)


def _summary(
    kind: str, families: list[str], rows: pd.DataFrame, methods: list[Method], found: dict[tuple[str, str], Drop]
) -> list[Row]:
    """Mean over families; where the meaning is kept also the worst family and how much of the masks stayed."""
    means = [Drop.mean([found[f, m.name] for f in families]) for m in methods]
    order = _least([d.value for d in means], methods) if kind == "kept" else [None] * len(means)
    cells = tuple(d.cell(r) for d, r in zip(means, order, strict=True))
    lines = [Row(f"Mean drop, {MEANS[kind]}", (BLANK, *cells), "summary")] if len(families) > 1 else []
    if kind == "kept":
        worst = [_worst(families, m, found) for m in methods]
        stay = [Cell(float(rows.loc[rows["method"] == m.name, "stability"].mean()), digits=1) for m in methods]
        lines += [Row("Worst family", (BLANK, *worst), "summary")]
        lines += [Row("Dice of noisy and clean masks (%)", (BLANK, *_ranked_up(stay, methods)), "summary")]
    return lines


def _worst(families: list[str], method: Method, found: dict[tuple[str, str], Drop]) -> Cell:
    known = [(found[f, method.name].value, f) for f in families if not np.isnan(found[f, method.name].value)]
    if not known:
        return Cell()
    value, family = max(known, key=lambda pair: pair[0])
    return Cell(text=f"{number(value, 1)} ({family})")


def _ranked_up(cells: list[Cell], methods: list[Method]) -> list[Cell]:
    values = [c.value if m.uses_text else None for c, m in zip(cells, methods, strict=True)]
    return [replace(c, rank=r) for c, r in zip(cells, ranks(values, "up", 1), strict=True)]
