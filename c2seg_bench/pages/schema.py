"""The page docs/schema.md. `make schema`, or: python -m c2seg_bench.pages.schema docs/schema.md"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from c2seg_bench.files import atomic
from c2seg_bench.results.schema import TABLES, Column, Table

HEAD = """# Schema: the tables of a run

Written by `make schema` from `c2seg_bench/results/schema/`; a test compares it with this page and with a run.
"""


def page(tables: Iterable[Table] = TABLES.values()) -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, *map(section, tables)])


def section(table: Table) -> str:
    lines = [f"## {table.file}", "", f"One row: {table.row}.", "", "| Column | Type | Unit | Meaning |"]
    lines += ["| --- | --- | --- | --- |", *map(row, table.columns), ""]
    return "\n".join(lines)


def row(column: Column) -> str:
    meaning = column.meaning.replace("|", "\\|")
    if not column.always:
        meaning += " (only in runs that have it)"
    return f"| `{column.name}` | {column.type} | {column.unit} | {meaning} |"


if __name__ == "__main__":
    with atomic(Path(sys.argv[1])) as temporary:
        temporary.write_text(page(), encoding="utf-8")
