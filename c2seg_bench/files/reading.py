"""Reading files back, after checking them against their checksums."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2seg_bench.errors import InputError
from c2seg_bench.files.checksums import DamagedFile, verify

if TYPE_CHECKING:
    import pandas as pd


def read_json(path: Path) -> Any:
    """The value; None if there is no such file. DamagedFile if its checksum is wrong or it is not a file of JSON."""
    try:
        verify(path)
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise DamagedFile(path, "a folder") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as e:
        raise DamagedFile(path, f"not JSON: {e}") from None


def read_object(path: Path) -> dict[str, Any] | None:
    """A JSON object; None if there is no such file. DamagedFile if its checksum is wrong or it is not an object."""
    value = read_json(path)
    if value is None and not path.exists():
        return None
    if not isinstance(value, dict):
        raise DamagedFile(path, f"not a JSON object but {type(value).__name__}")
    return value


def read_rows(path: Path) -> pd.DataFrame:
    """A Parquet file as a table. Raises as `parquet_errors`."""
    import pandas as pd

    with parquet_errors(path):
        verify(path)
        return pd.read_parquet(path)


def read_table(path: Path, columns: Collection[str] = (), **options: Any) -> pd.DataFrame:
    """A tidy table of a run, a file of CSV.

    Args:
        columns: that it must have.
        **options: of `pandas.read_csv`.

    Raises:
        InputError: it is missing, no table, or without one of the columns.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, **options)
    except (OSError, ValueError) as e:  # the errors of pandas are ValueErrors
        raise InputError(
            f"{path}: cannot be read ({' '.join(str(e).split())}); c2seg-bench report makes it again"
        ) from None
    if missing := [name for name in columns if name not in table]:
        raise InputError(f"{path}: no column {missing[0]}; c2seg-bench report makes it again")
    return table


@contextmanager
def parquet_errors(path: Path) -> Iterator[None]:
    """Turns the errors of reading a Parquet file into those of this package.

    Raises:
        DamagedFile: its checksum is wrong, or it is not a whole Parquet file.
        FileNotFoundError: there is no such file.
    """
    try:
        yield
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
