"""What noise in the prompt costs: one table per dataset and metric, kinds of noise never mixed."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from reports.run import KINDS, Method, Metric, Run
from reports.tables.captions import brackets, collapsed, listed
from reports.tables.model import Cell, Column, Row, Table, ranks
from reports.tables.values import daggered

GROUPS = {
    "kept": "Meaning kept (the mask should stay)",
    "missing": "Findings missing (the method should fall back on the image)",
    "changed": "Meaning changed (a drop shows that the words are followed)",
}
BLANK = Cell(text=" ")
ALL = ""  # the key of all families of a kind together
MEANS = {"kept": "meaning kept", "missing": "findings missing", "changed": "meaning changed"}
CAPTION = (
    "{change} against the clean prompt in {unit}, mean over severities {severities}; negative: better than with the "
    "clean prompt. Masks are always scored against the clean prompt. {brackets} Reworded: share of prompts that the "
    "noise changed. Bold: smallest; underlined: second, over all methods that read text and only where the meaning is "
    "kept. Elsewhere a smaller change is not better by itself; where an edit leaves the statement as it was (both "
    "lungs exchanged), the mask should not change. –: not run under every condition."
)


@dataclass(frozen=True)
class Drop:
    """A drop of one method, in points; nan where the method did not run under every condition."""

    value: float
    lo: float
    hi: float

    def cell(self, rank: int | None = None) -> Cell:
        return Cell(self.value, self.lo, self.hi, digits=1, rank=rank)


StoredDrops = defaultdict[tuple[str, str, str], Drop]  # (kind, family or ALL, method) -> its drop


def robustness(run: Run) -> list[Table]:
    """Families as rows, methods as columns; one table per dataset and metric of stress.csv."""
    if run.stress is None or run.robustness is None:
        return []
    tables = []
    for dataset in run.datasets:
        for metric in run.metrics_of(run.stress):
            rows = run.stress[(run.stress["dataset"] == dataset) & (run.stress["metric"] == metric.name)]
            drops = _stored_drops(run.robustness, dataset, metric.name)
            moved, unmoved = _moved(run.of(rows, dataset), rows)
            if moved:
                tables.append(_table(run, dataset, metric, rows, drops, moved, unmoved))
    return tables


def _cost(metric: Metric) -> str:
    """What the noise does to the metric, in its unit where that is not points of a percentage."""
    return f"drop in {metric.title}" if metric.better == "up" else f"rise in {metric.title} ({metric.unit})"


def _moved(methods: list[Method], rows: pd.DataFrame) -> tuple[list[Method], list[Method]]:
    """The methods that get a column, and text-free ones without any drop: a column of zeros says nothing."""
    unmoved = {m.name for m in methods if not m.uses_text and not rows.loc[rows["method"] == m.name, "drop"].any()}
    return [m for m in methods if m.name not in unmoved], [m for m in methods if m.name in unmoved]


def _table(run: Run, dataset: str, metric: Metric, rows: pd.DataFrame, drops: StoredDrops, methods: list[Method],
           unmoved: list[Method]) -> Table:  # fmt: skip
    columns = [Column("Reworded", "%"), *(Column(m.title) for m in methods)]
    severities = ", ".join(f"{s:g}" for s in sorted(set(rows["severity"])))
    change = "Drop" if metric.better == "up" else "Rise"
    caption = CAPTION.format(change=change, unit="points" if metric.unit == "%" else metric.unit, severities=severities,
                             brackets=brackets(run, [dataset], "95 % intervals of the whole mean"))  # fmt: skip
    if unmoved:
        verb = "reads" if len(unmoved) == 1 else "read"
        caption += f" Not shown: {listed([m.title for m in unmoved])}, which {verb} no prompt: 0 everywhere."
    if note := collapsed(run, [dataset]):
        caption += f" {note}"
    key = f"stress-{run.datasets.index(dataset) + 1}-{metric.name}"
    table = Table(key, f"{dataset}: {_cost(metric)}", caption, "Noise", columns)
    out = run.unranked(dataset)
    for kind in KINDS:
        of_kind = rows[rows["kind"] == kind]
        families = list(dict.fromkeys(of_kind["family"]))
        if families:
            lines = [_family(f, of_kind, [drops[kind, f, m.name] for m in methods], methods, out) for f in families]
            if len(families) > 1:
                lines.append(_mean_row(kind, [drops[kind, ALL, m.name] for m in methods], methods, out))
            table.groups.append((GROUPS[kind], lines))
    return table


def _stored_drops(robustness: pd.DataFrame, dataset: str, metric: str) -> StoredDrops:
    """Every method's drop over each family of a kind, and over ALL of them; nan where the run has none."""
    stored: StoredDrops = defaultdict(lambda: Drop(math.nan, math.nan, math.nan))
    of_table = (robustness["dataset"] == dataset) & (robustness["metric"] == metric)
    rows = robustness[of_table & robustness["summary"].isin(["family", "drop"])]
    columns = (rows[name] for name in ("kind", "summary", "families", "method", "value", "lo", "hi"))
    for kind, summary, families, method, *numbers in zip(*columns, strict=True):
        stored[kind, families if summary == "family" else ALL, method] = Drop(*map(float, numbers))
    return stored


def _family(family: str, rows: pd.DataFrame, drops: list[Drop], methods: list[Method], unranked: set[str]) -> Row:
    own = rows[rows["family"] == family]
    changed = Cell(100 * float(own["changed"].mean()), digits=0)
    return Row(family, (changed, *_cells(str(own["kind"].iloc[0]), drops, methods, unranked)))


def _mean_row(kind: str, drops: list[Drop], methods: list[Method], unranked: set[str]) -> Row:
    return Row(f"Mean drop, {MEANS[kind]}", (BLANK, *_cells(kind, drops, methods, unranked)), "summary")


def _cells(kind: str, drops: list[Drop], methods: list[Method], unranked: set[str]) -> list[Cell]:
    """Ranked, where the meaning is kept, among the methods that read the prompt and did not collapse."""
    ranked = [m.uses_text and kind == "kept" and m.name not in unranked for m in methods]
    values = [d.value if take else None for d, take in zip(drops, ranked, strict=True)]
    cells = [d.cell(rank) for d, rank in zip(drops, ranks(values, "down", 1), strict=True)]
    return [daggered(c) if m.name in unranked else c for c, m in zip(cells, methods, strict=True)]
