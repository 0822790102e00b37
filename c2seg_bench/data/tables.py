"""Tables of prompts as people have them: workbooks and CSV, under several headers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from c2seg_bench.errors import InputError

NAMES = ("image", "filename", "file", "name", "ground truth")
TEXTS = ("description", "text", "prompt", "caption", "report")


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """(name of the picture or mask file, prompt) of every row, in the file's order.

    Headers are compared without case. InputError names the file, and the columns it has or the row that is wrong.
    """
    try:
        if path.suffix.lower() in (".xlsx", ".xls"):
            table = pd.read_excel(path, dtype=str)
        else:
            table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give a table with a picture's name and its prompt") from None
    except Exception as e:  # openpyxl, zipfile and pandas each have their own; all mean the same to the caller
        raise InputError(f"{path}: not a readable table ({' '.join(str(e).split())[:120]}); save it again") from None
    columns = {str(c).strip().lower(): c for c in table.columns}
    name = next((columns[c] for c in NAMES if c in columns), None)
    text = next((columns[c] for c in TEXTS if c in columns), None)
    if name is None or text is None:
        missing = f"a picture's name ({', '.join(NAMES)})" if name is None else f"a prompt ({', '.join(TEXTS)})"
        raise InputError(f"{path}: no column for {missing}; it has {', '.join(map(str, table.columns)) or 'none'}")
    rows = []
    for row, (n, t) in enumerate(zip(table[name], table[text], strict=True), start=2):
        if not isinstance(n, str) or not n.strip():
            raise InputError(f"{path}: row {row}: no name of a picture; fill it in or delete the row")
        if not isinstance(t, str) or not t.strip():
            raise InputError(f"{path}: row {row}: {n} has no prompt; fill it in or delete the row")
        rows.append((n.strip().replace("\\", "/").rsplit("/", 1)[-1], " ".join(t.split())))
    return rows
