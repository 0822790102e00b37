"""The cells of a workbook's sheet as text, read row by row: a sheet may claim 17 billion cells, or unpack to GBs."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import TABLE_BYTES, TABLE_COLUMNS, TABLE_ROWS, TABLE_TAGS, too_large

CHUNK = 1 << 20  # bytes
LEAVE_OUT = "delete what is not needed, or save the sheet as CSV"


def read_sheet(path: Path, sheet: str | None) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    """The names of all sheets, and (number in the sheet, cells) of every row of one that is not empty.

    Numbers are written as in the sheet, without .0; a formula stands for its last value, an error for nothing. Empty
    cells at the end of a row are left out.

    Args:
        path: of the workbook.
        sheet: name; None: the first.

    Raises:
        InputError: no such sheet, or more in the file than `bounds` allow.
        Exception: openpyxl's and zipfile's own, where the file is no workbook.
    """
    from openpyxl import load_workbook

    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's, of styles and extensions
        _check_unpacked(path)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        tables = {table.title: table for table in book.worksheets}
        if not tables:
            raise InputError(f"{path}: no sheet of cells; save it again with a table in it")
        if sheet is not None and sheet not in tables:
            raise InputError(f"{path}: no sheet {sheet!r}; it has {', '.join(tables)}")
        table = tables[sheet or next(iter(tables))]
        table.reset_dimensions()  # what the file claims, which may be all cells that there can be
        return tuple(tables), _rows(table.iter_rows(), path)


def _check_unpacked(path: Path) -> None:
    """InputError if the parts of the file unpack to more than a table has, or to more tags than can be read soon."""
    with ZipFile(path) as parts:
        size = sum(part.file_size for part in parts.infolist())  # no more than this is unpacked, whatever is packed
        if size > TABLE_BYTES:
            raise too_large(path, size, TABLE_BYTES, "bytes when unpacked", LEAVE_OUT)
        for part in parts.infolist():
            with parts.open(part) as content:
                tags = sum(chunk.count(b"<") for chunk in iter(lambda: content.read(CHUNK), b""))  # noqa: B023
            if tags > TABLE_TAGS:
                raise too_large(path, tags, TABLE_TAGS, f"tags in {part.filename}", LEAVE_OUT)


def _rows(rows: Iterable[tuple[Any, ...]], path: Path) -> list[tuple[int, list[str]]]:
    out = []
    for number, row in enumerate(rows, start=1):
        if number > TABLE_ROWS:
            raise too_large(path, number, TABLE_ROWS, "rows", LEAVE_OUT)
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > TABLE_COLUMNS:
            where = f"row {number} has a cell {cells[-1][:20]!r} in column"
            raise too_large(f"{path}: {where}", len(cells), TABLE_COLUMNS, "of the sheet", "delete stray cells")
        if cells:
            out.append((number, cells))
    return out


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
