"""Where a table goes in a two-column paper: one column, both, or several tables where neither is wide enough.

The measures are those of LaTeX's own two-column article at 10 points, the narrowest in common use; columns of IEEE and
of most conferences are wider. Type is 8 points (`footnotesize`) with intervals of 7, which is read at full size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from reports.latex.width import width, wrap
from reports.tables.model import Cell, Row, Table

COLUMN, PAGE = 226.0, 464.0  # points: one column and both, less a little
SEPARATION = 3.0  # points at either side of a column
LABEL = 92.0  # points: a longer row label goes on in a second line
TEXT = 60.0  # points: a longer word of text in a cell is cut
HEIGHT = 530.0  # points of a float; a longer table goes on in another
LINE, GAP, RULE, NOTE = 9.5, 2.0, 6.0, 8.5  # points: a line of a table, what parts rows, a rule, a line of the notes
HEAD = 62.0  # points: caption and rules


@dataclass(frozen=True)
class Part:
    """A table that fits: `wide` for both columns of the page, and the points of each of its columns."""

    table: Table
    wide: bool
    label: float
    columns: list[float]


def parts_of(table: Table) -> list[Part]:
    """The table as one part or more; each but the only one has its number in the title."""
    label = max([width(line) for line in _labels(table)], default=0.0) + SEPARATION
    points = [_column(table, j) for j in range(len(table.columns))]
    pieces = []
    for columns in _chosen(table, label, points):
        own = [points[j] for j in columns]
        wide = label + sum(own) > COLUMN
        for groups in _row_parts(table, HEIGHT - _frame(table, PAGE if wide else COLUMN)):
            rows = [(heading, [_only(row, columns) for row in rows]) for heading, rows in groups]
            part = replace(table, columns=[table.columns[j] for j in columns], groups=rows)
            pieces.append(Part(part, wide, label, own))
    if len(pieces) == 1:
        return pieces
    return [_numbered(piece, i, len(pieces)) for i, piece in enumerate(pieces, start=1)]


def heading_lines(table: Table, j: int) -> list[str]:
    """The heading of column j without its group: title, then unit and arrow."""
    column = table.columns[j]
    cells = max([_cell(c) for c in _cells(table, j)], default=0.0)
    words = max([width(word) for word in column.title.split()], default=0.0)
    unit = " ".join(p for p in (f"({column.unit})" if column.unit else "", column.arrow) if p)
    lines = wrap(column.title, max(cells, words, 30.0))
    return [*lines, unit] if unit else lines


def label_lines(label: str) -> list[str]:
    return wrap(label, LABEL)


def text_lines(cell: Cell) -> list[str]:
    """What a cell prints, without interval: a value on one line, text on lines as narrow as its longest word."""
    if not cell.text.strip():
        return [cell.shown]
    return wrap(cell.shown, min(TEXT, max(width(word) for word in cell.shown.split())))


def _labels(table: Table) -> Iterator[str]:
    yield table.corner
    for _, rows in table.groups:
        for row in rows:
            yield from label_lines(row.label + row.note)


def _cells(table: Table, j: int) -> Iterator[Cell]:
    return (row.cells[j] for _, rows in table.groups for row in rows)


def _column(table: Table, j: int) -> float:
    cells = max([_cell(c) for c in _cells(table, j)], default=0.0)
    heading = max(width(line) for line in heading_lines(table, j))
    return max(cells, heading) + 2 * SEPARATION


@lru_cache(maxsize=1 << 16)  # a column is measured for its width, its heading and its page
def _cell(cell: Cell) -> float:
    bold = cell.rank == 1
    widest = max(width(line, 8, bold) for line in text_lines(cell)) + width(cell.mark, 7)
    if cell.spread:
        widest += width(f"±{cell.spread}", 7) + 2
    if cell.interval:
        widest = max(widest, width(f"[{cell.interval[0]}, {cell.interval[1]}]", 7))
    return widest


def _chosen(table: Table, label: float, points: list[float]) -> list[list[int]]:
    """The columns of each part: whole groups of columns where they fit."""
    groups = [list(g) for _, g in groupby(range(len(points)), key=lambda j: table.columns[j].group)]
    if label + sum(points) <= PAGE:
        return [list(range(len(points)))]
    blocks = [[j] for j in range(len(points))] if any(_too_wide(label, g, points) for g in groups) else groups
    chosen: list[list[int]] = [[]]
    for block in blocks:
        if chosen[-1] and _too_wide(label, chosen[-1] + block, points):
            chosen.append([])
        chosen[-1] += block
    return chosen


def _too_wide(label: float, columns: list[int], points: list[float]) -> bool:
    return label + sum(points[j] for j in columns) > PAGE


def _frame(table: Table, wide: float) -> float:
    """Points of everything but the rows: caption, headings, notes."""
    headings = max([len(heading_lines(table, j)) for j in range(len(table.columns))], default=1)
    return HEAD + LINE * (headings + 1) + NOTE * (width(table.caption, 7) // wide + 1)


def _row_parts(table: Table, room: float) -> list[list[tuple[str, list[Row]]]]:
    """The groups of rows, cut where a float would be higher than `room`; every part has a row at least."""
    parts: list[list[tuple[str, list[Row]]]] = [[]]
    used = 0.0
    for heading, rows in table.groups:
        parts[-1].append((heading, []))
        used += RULE + LINE
        for row in rows:
            height = row_height(row)
            if used + height > room and used > RULE + LINE:
                parts.append([(heading, [])])
                used = RULE + LINE
            parts[-1][-1][1].append(row)
            used += height
    return [[(heading, rows) for heading, rows in part if rows] for part in parts if any(rows for _, rows in part)]


def row_height(row: Row) -> float:
    """Points of a row with the gap above it."""
    cells = [len(text_lines(c)) + (c.interval is not None) for c in row.cells]
    return LINE * max([len(label_lines(row.label)), *cells]) + GAP


def _only(row: Row, columns: list[int]) -> Row:
    return replace(row, cells=tuple(row.cells[j] for j in columns))


def _numbered(part: Part, number: int, count: int) -> Part:
    title = f"{part.table.title} (part {number} of {count})"
    key = part.table.key if number == 1 else f"{part.table.key}-{number}"
    return replace(part, table=replace(part.table, title=title, key=key))
