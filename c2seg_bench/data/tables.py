"""Tables of prompts as people have them: workbooks, CSV under several headers, and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from c2seg_bench.data.source import Complain, refuse
from c2seg_bench.errors import InputError

NAMES = ("image", "filename", "file", "name", "img_name", "mask_name", "mask", "ground truth")
TEXTS = ("description", "text", "prompt", "prompts", "caption", "report")
FORMATS = (".xlsx", ".csv", ".json", ".xls")  # LViT's own first


class Row(NamedTuple):
    """A row of a table: its number in the file (2 is the first below the header), the file it names, its prompt."""

    number: int
    name: str
    prompt: str
    subject: str = ""


def read_prompts(
    path: Path, complain: Complain = refuse, which: str | None = None, subject: str | None = None
) -> list[Row]:
    """Every row, in the file's order.

    Headers are compared without case, folders before a name are dropped (Windows' too), rows without anything in them
    are skipped.

    Args:
        path: a workbook (.xlsx, .xls); CSV in UTF-8, separated by commas, semicolons or tabs; or JSON, a list of
            objects or {name: prompt}.
        complain: gets a line for every row that is wrong, which is left out.
        which: key of the prompt where a row has several, as medvlsm's JSON has: {"prompts": {"p0": ..., "p6": ...}}.
        subject: column of the person that the picture is of.

    Raises:
        InputError: names the file, and the columns it has.
    """
    table = _read(path, which)
    columns = {str(c).strip().lower(): c for c in table.columns}
    name = next((columns[c] for c in NAMES if c in columns), None)
    text = next((columns[c] for c in TEXTS if c in columns), None)
    if name is None or text is None:
        missing = f"a picture's name ({', '.join(NAMES)})" if name is None else f"a prompt ({', '.join(TEXTS)})"
        raise InputError(f"{path}: no column for {missing}; it has {_columns(table)}")
    if subject is not None and subject.strip().lower() not in columns:
        raise InputError(f"{path}: no column {subject!r} (options: subject); it has {_columns(table)}")
    people = [""] * len(table) if subject is None else table[columns[subject.strip().lower()]]
    rows = []
    for number, cells in enumerate(zip(table[name], table[text], people, strict=True), start=2):
        # two spaces within a name are the file's own
        n, t = re.sub(r"[\r\n\t\f\v]+", " ", cells[0]).strip(), " ".join(cells[1].split())
        if n and t:
            rows.append(Row(number, n.replace("\\", "/").rsplit("/", 1)[-1], t, cells[2].strip()))
        elif t:
            complain(f"{path}: row {number}: no name of a picture; fill it in or delete the row")
        elif n:
            complain(f"{path}: row {number}: {n} has no prompt; fill it in or delete the row")
    return rows


def _columns(table: pd.DataFrame) -> str:
    return ", ".join(map(str, table.columns)) or "none"


def _read(path: Path, which: str | None) -> pd.DataFrame:
    """All cells as text, empty ones as ""; "None" and "NA" are text like any other."""
    text: dict[str, Any] = {"dtype": str, "keep_default_na": False}
    try:
        if path.suffix.lower() in (".xlsx", ".xls"):
            return pd.read_excel(path, **text).fillna("")
        if path.suffix.lower() == ".json":
            return _from_json(path, which)
        return pd.read_csv(path, encoding="utf-8-sig", skip_blank_lines=False, sep=_separator(path), **text).fillna("")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give a table with a picture's name and its prompt") from None
    except InputError:
        raise
    except Exception as e:  # openpyxl, zipfile and pandas each have their own; all mean the same to the caller
        raise InputError(f"{path}: not a readable table ({' '.join(str(e).split())[:120]}); save it again") from None


def _separator(path: Path) -> str:
    """Whichever of comma, semicolon and tab the header has most of; a prompt's commas do not count."""
    with open(path, encoding="utf-8-sig", newline="") as f:
        header = f.readline()
    return max(",;\t", key=header.count)


def _from_json(path: Path, which: str | None) -> pd.DataFrame:
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(found, dict):
        found = [{"image": name, "prompt": prompt} for name, prompt in found.items()]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise InputError(f"{path}: expected a list of objects or one object of names and prompts; write it so")
    rows = []
    for i, row in enumerate(found):
        cells = {str(key): value for key, value in row.items()}
        for key, value in cells.items():
            if key.lower() in TEXTS:
                cells[key] = _chosen(value, which, f"{path}: item {i + 1}")
        rows.append({key: _cell(value) for key, value in cells.items()})
    return pd.DataFrame(rows).fillna("")


def _cell(value: Any) -> str:
    """Text and numbers as they are, such as the name 7; "" for anything else."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _chosen(value: Any, which: str | None, where: str) -> str:
    """The prompt of a row that may have several; the first of a list of wordings."""
    if isinstance(value, dict):
        if which is None or which not in value:
            asked = "several prompts" if which is None else f"no prompt {which!r}"
            raise InputError(f"{where}: {asked}; choose with options: prompt, one of {', '.join(map(str, value))}")
        value = value[which]
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""
