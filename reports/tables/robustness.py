"""What noise in the prompt costs: one table per dataset and metric, kinds of noise never mixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reports.read import KINDS, Method, Run
from reports.tables.model import Cell, Column, Row, Table, ranks

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
    "prompt that masks are scored against is always the clean one. Brackets: 95 % interval; of a family the mean "
    "of its severities' intervals (exact if severities rise and fall together, else too wide), of a mean drop that of "
    "the whole mean (one bootstrap over images, seeds nested). Reworded: share of prompts that the noise changed. "
    "Ranked within a row, bold least, underlined second, where the meaning is kept; elsewhere less is not better by "
    "itself. –: not run at every severity."
)


@dataclass(frozen=True)
class Drop:
    """One family's drop of one method, in points; nan where the method did not run every severity."""

    value: float
    lo: float
    hi: float

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
            means = _means(run, dataset, metric, kind, methods)
            if len(families) == 1:  # is its own mean, whose interval is the exact one
                found |= {(families[0], m.name): d for m, d in zip(methods, means, strict=False)}
            lines = [_family(f, of_kind, methods, found, kind == "kept") for f in families]
            if means and len(families) > 1:
                lines.append(_mean_row(kind, means, methods))
            table.groups.append((GROUPS[kind], lines))
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


def _means(run: Run, dataset: str, metric: str, kind: str, methods: list[Method]) -> list[Drop]:
    """The drop of each method over all families of a kind, from robustness.csv; nan where it has none."""
    if run.robustness is None:
        return []
    table = run.robustness[run.robustness["summary"] == "drop"]
    table = table[(table["dataset"] == dataset) & (table["metric"] == metric) & (table["kind"] == kind)]
    known = table.set_index("method").reindex([m.name for m in methods])[["value", "lo", "hi"]].to_numpy(float)
    return [Drop(*(float(v) for v in row)) for row in known]


def _mean_row(kind: str, means: list[Drop], methods: list[Method]) -> Row:
    order = _least([d.value for d in means], methods) if kind == "kept" else [None] * len(means)
    return Row(f"Mean drop, {MEANS[kind]}", (BLANK, *(d.cell(r) for d, r in zip(means, order, strict=True))), "summary")
