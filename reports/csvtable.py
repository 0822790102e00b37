"""A table as CSV, one row per line of the table, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from reports.tables.model import Cell, Table

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # at the start of a cell a spreadsheet would compute it


def escape(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe is put before one, which the program does not show.

    As OWASP advises against CSV injection; also inside leading blanks, which some programs drop.
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def render(tables: Sequence[Table]) -> str:
    """The lines of all tables under one header: table, group, label, and a column for each value, interval and mark.

    Values are as in the tables of the run, unrounded; what a table has no column for is empty.
    """
    rows = [row for table in tables for row in _rows(table)]
    header = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writerow({name: escape(name) for name in header})
    writer.writerows(rows)
    return out.getvalue()


def _rows(table: Table) -> list[dict[str, str]]:
    rows = []
    for group, lines in table.groups:
        for line in lines:
            row = {"table": escape(table.title), "group": escape(group), "row": escape(line.label), "kind": line.kind}
            for column, cell in zip(table.columns, line.cells, strict=True):
                title = f"{column.group}: {column.title}" if column.group else column.title
                name = f"{title} ({column.unit})" if column.unit else title
                row |= {name + suffix: text for suffix, text in _cell(cell).items()}
            rows.append(row)
    return rows


def _cell(cell: Cell) -> dict[str, str]:
    """Suffix of the column -> text; only what the cell has."""
    if cell.value is None:
        return {"": escape(cell.text.strip())}
    values = {"": cell.value, " lo": cell.lo, " hi": cell.hi, " sd": cell.sd}
    known = {suffix: f"{v:.6g}" for suffix, v in values.items() if v is not None and v == v}
    return ({"": ""} | known) | ({" letters": cell.mark} if cell.mark else {})
