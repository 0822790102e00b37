"""Tables from files, cell by cell as text: workbooks, CSV and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from c2seg_bench.data.names import some
from c2seg_bench.data.tables.workbooks import read_sheet
from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import (
    CELL_LENGTH,
    HEADER_LENGTH,
    TABLE_BYTES,
    TABLE_COLUMNS,
    TABLE_ROWS,
    check_file_size,
    too_large,
)

FORMATS = (".xlsx", ".csv", ".json", ".xls")  # LViT's own first
WORKBOOKS = (".xlsx", ".xls")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how files of Excel before 2007 start ([MS-CFB], section 2.2)


@dataclass(frozen=True)
class Table:
    """Cells as text.

    Args:
        path: of the file.
        headers: of the columns, as they are written.
        rows: (number in the file, cells), a cell for each header; the first row below the header is number 2.
        sheets: all sheets of a workbook.
    """

    path: Path
    headers: list[str]
    rows: list[tuple[int, list[str]]]
    sheets: tuple[str, ...] = ()

    def index(self, header: str) -> int | None:
        """Position of a column, found without case and outer spaces; None if there is none."""
        names = [h.strip().lower() for h in self.headers]
        return names.index(header.strip().lower()) if header.strip().lower() in names else None


def read_table(
    path: Path, complain: Callable[[str], None], which: str | None = None, sheet: str | None = None
) -> Table:
    """Read a table.

    Args:
        path: a workbook (.xlsx, .xls), JSON (a list of objects or {name: prompt}), or else CSV in UTF-8 or UTF-16,
            separated by commas, semicolons, tabs or bars.
        complain: gets a line for every row with more cells than there are columns, which is left out.
        which: key of the value where a cell of a JSON has several, as medvlsm's: {"prompts": {"p0": ..., "p6": ...}}.
        sheet: of a workbook; None: the first.

    Raises:
        InputError: the file is not there, is no table, has no such sheet, or goes beyond a bound of `bounds`.
    """
    try:
        check_file_size(path, TABLE_BYTES, "a table", "leave out columns and rows that are not needed")
        if path.suffix.lower() in WORKBOOKS:
            return _workbook(path, sheet)
        if path.suffix.lower() == ".json":
            return _json(path, which)
        return _csv(path, complain)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give a table with an image's name and its prompt") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder; give the table in it") from None
    except InputError:
        raise
    except BadZipFile:
        raise InputError(f"{path}: {_unreadable_workbook(path)}; save it again as .xlsx or CSV") from None
    except UnicodeError:
        raise InputError(f"{path}: not in UTF-8 or UTF-16; save it again in UTF-8") from None
    except Exception as e:  # openpyxl, zipfile, csv and json each have their own; all mean the same to the caller
        raise InputError(f"{path}: not a readable table ({' '.join(str(e).split())[:120]}); save it again") from None


def _unreadable_workbook(path: Path) -> str:
    """What a workbook is that is no .xlsx inside. Old and protected workbooks start with the same bytes."""
    with open(path, "rb") as file:
        is_ole = file.read(len(OLE)) == OLE
    if path.suffix.lower() == ".xls":
        return "an old workbook (.xls), which is not read"
    return "an old or protected workbook" if is_ole else "not a readable table (no workbook inside)"


def _workbook(path: Path, sheet: str | None) -> Table:
    sheets, numbered = read_sheet(path, sheet)
    if not numbered:
        return Table(path, [], [], sheets)
    width = max(len(cells) for _, cells in numbered)
    (_, headers), *rows = [(number, cells + [""] * (width - len(cells))) for number, cells in numbered]
    return Table(path, _checked_headers(headers, path), [(n, _checked(cells, n, path)) for n, cells in rows], sheets)


def _csv(path: Path, complain: Callable[[str], None]) -> Table:
    with open(path, "rb") as file:
        encoding = "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with open(path, encoding=encoding, newline="") as text:
        separator = max(",;\t|", key=text.readline().count)  # in the header, where no prompt has commas
        text.seek(0)
        lines = csv.reader(text, delimiter=separator, strict=True)
        headers = _checked_headers(next(lines, []), path)
        return Table(path, headers, list(_csv_rows(lines, len(headers), path, complain)))


def _csv_rows(
    lines: Iterator[list[str]], columns: int, path: Path, complain: Callable[[str], None]
) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of the lines below the header, as many cells as there are columns."""
    for number, cells in enumerate(lines, start=2):
        if number > TABLE_ROWS:
            raise too_large(path, number, TABLE_ROWS, "rows", "leave out rows that are not needed")
        surplus = [cell for cell in cells[columns:] if cell.strip()]
        if surplus:
            complain(
                f"{path}: row {number}: {len(cells)} cells below {columns} columns, so a comma in the prompt "
                f'separates cells; quote the prompt: "..., {surplus[0].strip()[:HEADER_LENGTH]}"'
            )
        else:
            yield number, _checked((cells + [""] * columns)[:columns], number, path)


def _json(path: Path, which: str | None) -> Table:
    items = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(items, dict):
        items = [{"image": name, "prompt": prompt} for name, prompt in items.items()]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InputError(f"{path}: expected a list of objects or one object of names and prompts; write it so")
    headers = _checked_headers(list(dict.fromkeys(str(key) for item in items for key in item)), path)
    rows = []
    for number, item in enumerate(items, start=1):
        cells = {str(key): _text(value, which, f"{path}: item {number}") for key, value in item.items()}
        rows.append((number + 1, _checked([cells.get(header, "") for header in headers], number + 1, path)))
    return Table(path, headers, rows)


def _checked_headers(headers: list[str], path: Path) -> list[str]:
    if len(headers) > TABLE_COLUMNS:
        raise too_large(path, len(headers), TABLE_COLUMNS, "columns", "delete those that are not needed")
    longest = max(map(len, headers), default=0)
    if longest > HEADER_LENGTH:
        fix = "write the names of the columns into the first row"
        raise too_large(path, longest, HEADER_LENGTH, "characters in a column's header", fix)
    return headers


def _checked(cells: list[str], number: int, path: Path) -> list[str]:
    longest = max(map(len, cells), default=0)
    if longest > CELL_LENGTH:
        raise too_large(f"{path}: row {number}", longest, CELL_LENGTH, "characters in a cell", "shorten it")
    return cells


def _text(value: Any, which: str | None, where: str) -> str:
    """Text and numbers as they are, such as the name 7; the chosen or first of several; "" for anything else."""
    if isinstance(value, dict):
        if which is None or which not in value:
            problem = "several prompts" if which is None else f"no prompt {which!r}"
            raise InputError(f"{where}: {problem}; choose one of {some(map(str, value))} (options: prompt)")
        value = value[which]
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
