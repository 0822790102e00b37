"""Reading files back, after checking them against their checksums."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2seg_bench.files.checksums import DamagedFile, verify

if TYPE_CHECKING:
    import pandas as pd


def read_json(path: Path) -> Any:
    """The value; None if there is no such file. DamagedFile if its checksum is wrong or it is not JSON."""
    try:
        verify(path)
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, UnicodeDecodeError) as e:
        raise DamagedFile(path, f"not JSON: {e}") from None


def read_object(path: Path) -> dict[str, Any] | None:
    """A JSON object; None if there is no such file. DamagedFile if its checksum is wrong or it is not an object."""
    value = read_json(path)
    if value is None and not path.exists():
        return None
    if not isinstance(value, dict):
        raise DamagedFile(path, f"not a JSON object but {type(value).__name__}")
    return value


def read_rows(
    path: Path, categories: Sequence[str] = (), columns: Sequence[str] | None = None, **only: str
) -> pd.DataFrame:
    """A Parquet file as a table.

    Args:
        categories: text columns to read as pandas categories, which costs a tenth of the time and memory where texts
            repeat; names that the file lacks are ignored.
        columns: to read; names that the file lacks are ignored. By default all.
        only: column and the value that rows must have; others are not read.

    Raises:
        DamagedFile: its checksum is wrong, or it is not a whole Parquet file.
        FileNotFoundError: there is no such file.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    try:
        verify(path)
        kept = None if columns is None else [name for name in pq.read_schema(path).names if name in columns]
        filters = [(column, "==", value) for column, value in only.items()] or None
        return pd.read_parquet(path, columns=kept, filters=filters, read_dictionary=list(categories))
    except (FileNotFoundError, DamagedFile):
        raise
    except (OSError, ValueError) as e:  # ArrowInvalid is a ValueError
        reason = " ".join(str(e).split()).split(": ", 1)[-1].split(". ")[0][:80]
        raise DamagedFile(path, f"not a whole Parquet file: {reason}") from None


def set_aside(path: Path, reason: str) -> None:
    """Rename a damaged file to NAME.damaged, replacing an earlier one, and say so on stderr."""
    new = path.with_name(f"{path.name}.damaged")
    try:
        os.replace(path, new)
    except FileNotFoundError:
        return
    print(f"{path}: damaged ({reason}); set aside as {new.name}, it is made again", file=sys.stderr)
