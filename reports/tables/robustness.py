"""What noise in the prompt costs: one table per dataset and metric, kinds of noise never mixed."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from reports.run import KINDS, Method, Metric, Run
from reports.tables.captions import brackets, collapsed
from reports.tables.model import Cell, Column, Row, Table, ranks
from reports.tables.values import daggered

WIDTH = 8  # methods side by side before a table goes on in another
GROUPS = {
    "kept": "Meaning kept (the mask should stay)",
    "missing": "Findings missing (should fall back gracefully)",
    "changed": "Meaning changed (a drop means that the words are followed)",
}
BLANK = Cell(text=" ")
ALL = ""  # in place of a family: all families of a kind
MEANS = {"kept": "meaning kept", "missing": "findings missing", "changed": "meaning changed"}
CAPTION = (
    "{change} against the clean prompt in {unit}, mean over severities {severities}; negative: better than clean. The "
    "prompt that masks are scored against is always the clean one. {brackets} Reworded: share of prompts that the "
    "noise changed. Ranked within a row, bold least, underlined second, where the meaning is kept; elsewhere less is "
    "not better by itself, and where an edit leaves what is stated as it was (both lungs exchanged) nothing should "
    "move. –: not run under every condition."
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
    """Families as rows, methods as columns, at most WIDTH a table; one table per dataset and metric of stress.csv."""
    if run.stress is None or run.robustness is None:
        return []
    tables = []
    for dataset in run.datasets:
        for metric in run.metrics_of(run.stress):
            rows = run.stress[(run.stress["dataset"] == dataset) & (run.stress["metric"] == metric.name)]
            drops = _stored_drops(run.robustness, dataset, metric.name)
            readers, deaf = _readers(run.of(rows, dataset), rows)
            parts = [readers[i : i + WIDTH] for i in range(0, len(readers), WIDTH)]
            for part, methods in enumerate(parts, start=1):
                tables.append(_table(run, dataset, metric, rows, drops, methods, deaf, (part, len(parts))))
    return tables


def _cost(metric: Metric) -> str:
    """What the noise does to the metric, in its unit where that is not points of a percentage."""
    return f"drop in {metric.title}" if metric.better == "up" else f"rise in {metric.title} ({metric.unit})"


def _readers(methods: list[Method], rows: pd.DataFrame) -> tuple[list[Method], list[Method]]:
    """Those that the noise can touch, and text-free ones whose masks did not move: a column of zeros says nothing."""
    still = {m.name for m in methods if not m.uses_text and not rows.loc[rows["method"] == m.name, "drop"].any()}
    return [m for m in methods if m.name not in still], [m for m in methods if m.name in still]


def _table(run: Run, dataset: str, metric: Metric, rows: pd.DataFrame, drops: StoredDrops, methods: list[Method],
           deaf: list[Method], part: tuple[int, int]) -> Table:  # fmt: skip
    columns = [Column("Reworded", "%"), *(Column(m.title) for m in methods)]
    title = f"{dataset}: {_cost(metric)}" + (f", part {part[0]} of {part[1]}" if part[1] > 1 else "")
    severities = ", ".join(f"{s:g}" for s in sorted(set(rows["severity"])))
    change = "Drop" if metric.better == "up" else "Rise"
    caption = CAPTION.format(change=change, unit="points" if metric.unit == "%" else metric.unit, severities=severities,
                             brackets=brackets(run, [dataset], "95 % interval of the whole mean"))  # fmt: skip
    if deaf:
        caption += f" {', '.join(m.title for m in deaf)} read no prompt: drop 0 everywhere, not shown."
    if note := collapsed(run, [dataset]):
        caption += f" {note}"
    key = f"stress-{run.datasets.index(dataset) + 1}-{metric.name}-{part[0]}"
    table = Table(key, title, caption, "Noise", columns)
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
