"""Tables from files, cell by cell as text: workbooks, CSV and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c2seg_bench.errors import InputError

FORMATS = (".xlsx", ".csv", ".json", ".xls")  # LViT's own first
WORKBOOKS = (".xlsx", ".xls")


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
        """Position of a column, found without case and outer spaces; None where there is none."""
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
        InputError: the file is not there, is no table, or has no such sheet.
    """
    try:
        if path.suffix.lower() in WORKBOOKS:
            return _workbook(path, sheet)
        if path.suffix.lower() == ".json":
            return _json(path, which)
        return _csv(path, complain)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give a table with a picture's name and its prompt") from None
    except InputError:
        raise
    except Exception as e:  # openpyxl, zipfile, csv and json each have their own; all mean the same to the caller
        raise InputError(f"{path}: not a readable table ({' '.join(str(e).split())[:120]}); save it again") from None


def _workbook(path: Path, sheet: str | None) -> Table:
    import pandas as pd

    with pd.ExcelFile(path) as book:
        sheets = tuple(map(str, book.sheet_names))
        if sheet is not None and sheet not in sheets:
            raise InputError(f"{path}: no sheet {sheet!r}; it has {', '.join(sheets)}")
        cells = book.parse(sheet or sheets[0], header=None, dtype=str, keep_default_na=False).fillna("")
    lines = [[str(cell) for cell in row] for row in cells.itertuples(index=False)]
    return Table(path, lines[0] if lines else [], list(enumerate(lines[1:], start=2)), sheets)


def _csv(path: Path, complain: Callable[[str], None]) -> Table:
    with open(path, "rb") as file:
        encoding = "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with open(path, encoding=encoding, newline="") as text:
        separator = max(",;\t|", key=text.readline().count)  # in the header, where no prompt has commas
        text.seek(0)
        lines = list(csv.reader(text, delimiter=separator, strict=True))
    headers = lines[0] if lines else []
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        surplus = [cell for cell in cells[len(headers) :] if cell.strip()]
        if surplus:
            complain(
                f"{path}: row {number}: {len(cells)} cells below {len(headers)} columns, so a comma in the prompt "
                f'separates cells; quote the prompt: "..., {surplus[0].strip()}"'
            )
        else:
            rows.append((number, (cells + [""] * len(headers))[: len(headers)]))
    return Table(path, headers, rows)


def _json(path: Path, which: str | None) -> Table:
    items = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(items, dict):
        items = [{"image": name, "prompt": prompt} for name, prompt in items.items()]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InputError(f"{path}: expected a list of objects or one object of names and prompts; write it so")
    headers = list(dict.fromkeys(str(key) for item in items for key in item))
    rows = []
    for number, item in enumerate(items, start=1):
        cells = {str(key): _text(value, which, f"{path}: item {number}") for key, value in item.items()}
        rows.append((number + 1, [cells.get(header, "") for header in headers]))
    return Table(path, headers, rows)


def _text(value: Any, which: str | None, where: str) -> str:
    """Text and numbers as they are, such as the name 7; the chosen or first of several; "" for anything else."""
    if isinstance(value, dict):
        if which is None or which not in value:
            problem = "several prompts" if which is None else f"no prompt {which!r}"
            raise InputError(f"{where}: {problem}; choose one of {', '.join(map(str, value))} (options: prompt)")
        value = value[which]
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
