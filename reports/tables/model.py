"""A table as data: what is in its cells and which are best. The writers (markdown, latex, csv, page) only draw it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

ARROWS = {"up": "↑", "down": "↓", None: ""}
NONE = "–"


@dataclass(frozen=True)
class Cell:
    """One value, or `text` where value is None.

    Args:
        lo, hi: 95 % interval, or None.
        sd: standard deviation between trainings, printed after the value, or None.
        digits: decimals to print.
        rank: 1 best (bold), 2 second (underlined), None neither.
        mark: tie letters, printed raised; methods that share one do not differ significantly from its best.
    """

    value: float | None = None
    lo: float | None = None
    hi: float | None = None
    sd: float | None = None
    digits: int = 2
    rank: int | None = None
    mark: str = ""
    text: str = ""

    @property
    def shown(self) -> str:
        """The value as printed, or the text; an en dash where there is neither."""
        return self.text or NONE if self.value is None else number(self.value, self.digits)

    @property
    def interval(self) -> tuple[str, str] | None:
        """Both ends as printed, or None where the cell has no interval."""
        if self.value is None or not all(v is not None and math.isfinite(v) for v in (self.value, self.lo, self.hi)):
            return None
        return number(self.lo, self.digits), number(self.hi, self.digits)

    @property
    def spread(self) -> str:
        """The standard deviation between trainings as printed; "" where it is not known or not wanted."""
        if self.value is None or self.sd is None or not math.isfinite(self.sd):
            return ""
        return number(self.sd, self.digits)


@dataclass(frozen=True)
class Column:
    """A heading with its unit.

    Args:
        better: up, down or None; draws the arrow.
        group: heading above this and the columns beside it that have the same, such as a dataset; "" for none.
        key: what the column is called on the command line; by default its title in small letters.
    """

    title: str
    unit: str = ""
    better: str | None = None
    group: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        return self.key or "-".join(re.findall(r"\w+", self.title.lower()))

    @property
    def arrow(self) -> str:
        return ARROWS[self.better]

    @property
    def heading(self) -> str:
        """The whole heading on one line."""
        title = f"{self.group}: {self.title}" if self.group else self.title
        return " ".join(p for p in (title, f"({self.unit})" if self.unit else "", self.arrow) if p)


@dataclass(frozen=True)
class Row:
    """One line; kind `method`, `published` (italic), `summary` (set off) or `reference`; note: a footnote's number."""

    label: str
    cells: tuple[Cell, ...]
    kind: str = "method"
    note: str = ""


@dataclass
class Table:
    """A table: the first column has the row labels under `corner`; each group of rows has a heading.

    Args:
        key: short and plain, for a LaTeX label.
        caption: everything that a reader has to know; LaTeX prints it as notes under the table.
        short: a sentence for LaTeX's caption, after the title.
    """

    key: str
    title: str
    caption: str
    corner: str
    columns: list[Column]
    groups: list[tuple[str, list[Row]]] = field(default_factory=list)
    short: str = ""


def with_rows(table: Table, change: Callable[[Row], Row]) -> Table:
    """The table with every row as `change` returns it."""
    return replace(table, groups=[(heading, [change(row) for row in rows]) for heading, rows in table.groups])


def with_columns(table: Table, positions: Sequence[int]) -> Table:
    """The table with the columns at these positions, in this order."""
    chosen = replace(table, columns=[table.columns[j] for j in positions])
    return with_rows(chosen, lambda row: replace(row, cells=tuple(row.cells[j] for j in positions)))


def number(value: float | None, digits: int) -> str:
    """A number for print: a true minus sign, no -0.00, an en dash for an unknown value."""
    if value is None or math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def ranks(values: Sequence[float | None], better: str, digits: int) -> list[int | None]:
    """1 for the best, 2 for the second, None for the rest and for nan.

    Values that print the same share a rank, and the next different value is second. With fewer than two values nothing
    is ranked.
    """
    printed = [
        None if v is None or math.isnan(v) else (v if math.isinf(v) else float(f"{v:.{digits}f}")) for v in values
    ]
    known = [v for v in printed if v is not None]
    if len(known) < 2:
        return [None] * len(printed)
    order = sorted(set(known), reverse=better == "up")
    return [order.index(v) + 1 if v is not None and v in order[:2] else None for v in printed]
