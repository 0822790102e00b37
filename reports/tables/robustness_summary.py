"""What noise in the prompt costs, summed up: one table per dataset, a line per method, kinds of noise side by side."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.run import Method, Run
from reports.tables.captions import brackets, collapsed
from reports.tables.model import Cell, Column, Row, Table, number, ranks
from reports.tables.results import FREE, GUIDED
from reports.tables.values import daggered

METRIC = "dice"
MISSING = "Findings missing"
COLUMNS = {  # (kind, summary) -> column and decimals; an arrow where methods are ranked
    ("kept", "drop"): (Column("Drop", "points", "down"), 1),
    ("kept", "relative_drop"): (Column("Relative", "%", "down"), 1),
    ("kept", "relative_mce"): (Column("Relative mCE", better="down"), 2),
    ("kept", "mce"): (Column("mCE", better="down"), 2),
    ("kept", "area"): (Column("Area", "%", "up"), 1),
    ("kept", "worst"): (Column("Worst family", "points"), 1),
    ("kept", "stability"): (Column("Masks kept", "%", "up"), 1),
    ("missing", "drop"): (Column("Drop", "points", group=MISSING), 1),
    ("missing", "relative_drop"): (Column("Relative", "%", group=MISSING), 1),
}
CAPTION = (
    "Dice with noisy prompts, averaged over severities, then over families of noise: those that keep the prompt's "
    "meaning ({kept}) and, in the last two columns, those that leave findings out ({missing}). Drop: points of Dice "
    "lost against the clean prompt. Relative: the drop as a share of the clean Dice. Relative mCE: the mean drop "
    "divided by the reference's; 1 is as large as the reference's. mCE: the error (100 − Dice) divided by the "
    "reference's, mean over families, so that masks that are poor without noise count too. Area: mean height of the "
    "curve of Dice over severity, from the clean prompt (0) to the highest. Worst family: the largest drop of one "
    "family. Masks kept: Dice of the noisy prompt's mask with the clean prompt's. {brackets} Bold: best; underlined: "
    "second, both among the methods that read text; text-free ones show what ignoring the prompt gives. –: not run "
    "under every condition, or not defined."
)


@dataclass(frozen=True)
class Lines:
    """The rows of robustness.csv of one dataset, by method, kind and summary."""

    table: pd.DataFrame
    unranked: set[str]

    def column(self, kind: str, summary: str, methods: list[Method]) -> list[Cell]:
        """A cell per method; ranked among those that read text where the column has an arrow."""
        column, digits = COLUMNS[kind, summary]
        rows = [self._row(m.name, kind, summary) for m in methods]
        ranked = [m.uses_text and m.name not in self.unranked for m in methods]
        order: list[int | None] = [None] * len(rows)
        if column.better:
            values = [r["value"] if take and r is not None else None for r, take in zip(rows, ranked, strict=True)]
            order = ranks(values, column.better, digits)
        cells = [_cell(row, summary, digits, rank) for row, rank in zip(rows, order, strict=True)]
        return [daggered(c) if m.name in self.unranked else c for c, m in zip(cells, methods, strict=True)]

    def _row(self, method: str, kind: str, summary: str) -> pd.Series | None:
        return self.table.loc[(method, kind, summary)] if (method, kind, summary) in self.table.index else None

    def names(self, kind: str, summary: str, column: str) -> list[str]:
        """What stands in a text column of one summary, over all methods, each word once."""
        at = self.table.index.get_level_values("kind") == kind
        at &= self.table.index.get_level_values("summary") == summary
        return list(dict.fromkeys(word for text in self.table.loc[at, column] for word in text.split()))


def robustness_summary(run: Run) -> list[Table]:
    """One table per dataset that was run under noise; the other metrics and meaning changed stay in robustness.csv."""
    if run.robustness is None:
        return []
    noisy = set(run.robustness.loc[run.robustness["metric"] == METRIC, "dataset"])
    return [_table(run, d, k) for k, d in enumerate(run.datasets, start=1) if d in noisy]


def _table(run: Run, dataset: str, k: int) -> Table:
    assert run.robustness is not None
    rows = run.robustness[(run.robustness["dataset"] == dataset) & (run.robustness["metric"] == METRIC)]
    rows = rows[rows["summary"].isin([summary for _, summary in COLUMNS])]
    lines = Lines(rows.set_index(["method", "kind", "summary"]).sort_index(), run.unranked(dataset))
    methods = run.of(rows, dataset)
    columns = [lines.column(kind, summary, methods) for kind, summary in COLUMNS]
    table = Table(f"noise-{k}", f"{dataset}: what noisy prompts cost, in Dice", _caption(run, dataset, lines), "Method",
                  [column for column, _ in COLUMNS.values()])  # fmt: skip
    for title, uses_text in ((FREE, False), (GUIDED, True)):
        shown = [Row(m.title, tuple(c[i] for c in columns)) for i, m in enumerate(methods) if m.uses_text == uses_text]
        if shown:
            table.groups.append((title, shown))
    return table


def _cell(row: pd.Series | None, summary: str, digits: int, rank: int | None) -> Cell:
    if row is None:
        return Cell()
    if summary == "worst" and row["families"]:
        return Cell(text=f"{number(row['value'], digits)} ({row['families']})")
    mark = str(row["group"])
    return Cell(float(row["value"]), float(row["lo"]), float(row["hi"]), digits=digits, rank=rank, mark=mark)


def _caption(run: Run, dataset: str, lines: Lines) -> str:
    kept, missing = (lines.names(kind, "drop", "families") for kind in ("kept", "missing"))
    words = CAPTION.format(
        kept=", ".join(kept) or "none run",
        missing=", ".join(missing) or "none run",
        brackets=brackets(run, [dataset], "95 % intervals of the whole mean or ratio"),
    )
    titles = {m.name: m.title for m in run.methods}
    named = lines.names("kept", "mce", "reference")
    if named:
        title = " and ".join(titles[name] for name in named)
        words += f" Reference: {title}."
        if undefined := float(lines.table["undefined"].max()):
            words += f" In up to {100 * undefined:.0f} % of the draws a ratio is undefined; they are left out."
    if (lines.table["group"] != "").any():
        words += " Raised letters: two methods share one if and only if they do not differ significantly."
    if note := collapsed(run, [dataset]):
        words += f" {note}"
    flat = [f for f in kept if f not in lines.names("kept", "area", "families")]
    return f"{words} Run at one severity, so not in the area: {', '.join(flat)}." if flat else words
