"""Tables of prompts as people have them: workbooks and CSV, under several headers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from c2seg_bench.data.source import Complain, refuse
from c2seg_bench.errors import InputError

NAMES = ("image", "filename", "file", "name", "ground truth")
TEXTS = ("description", "text", "prompt", "caption", "report")


def read_prompts(path: Path, complain: Complain = refuse) -> list[tuple[int, str, str]]:
    """(row in the file, name of the picture or mask file, prompt) of every row, in the file's order.

    Headers are compared without case, folders before a name are dropped, rows without anything in them are passed over.
    InputError names the file, and the columns it has; a row that is wrong is complained of and left out.
    """
    table = _read(path)
    columns = {str(c).strip().lower(): c for c in table.columns}
    name = next((columns[c] for c in NAMES if c in columns), None)
    text = next((columns[c] for c in TEXTS if c in columns), None)
    if name is None or text is None:
        missing = f"a picture's name ({', '.join(NAMES)})" if name is None else f"a prompt ({', '.join(TEXTS)})"
        raise InputError(f"{path}: no column for {missing}; it has {', '.join(map(str, table.columns)) or 'none'}")
    rows = []
    for row, cells in enumerate(zip(table[name], table[text], strict=True), start=2):
        n, t = (" ".join(cell.split()) for cell in cells)
        if n and t:
            rows.append((row, n.replace("\\", "/").rsplit("/", 1)[-1], t))
        elif t:
            complain(f"{path}: row {row}: no name of a picture; fill it in or delete the row")
        elif n:
            complain(f"{path}: row {row}: {n} has no prompt; fill it in or delete the row")
    return rows


def _read(path: Path) -> pd.DataFrame:
    """All cells as text, empty ones as ""; "None" and "NA" are words like others."""
    text = {"dtype": str, "keep_default_na": False}
    try:
        if path.suffix.lower() in (".xlsx", ".xls"):
            return pd.read_excel(path, **text).fillna("")
        return pd.read_csv(path, encoding="utf-8-sig", skip_blank_lines=False, **text).fillna("")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give a table with a picture's name and its prompt") from None
    except Exception as e:  # openpyxl, zipfile and pandas each have their own; all mean the same to the caller
        raise InputError(f"{path}: not a readable table ({' '.join(str(e).split())[:120]}); save it again") from None
