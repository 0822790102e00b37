"""Reading a CSV file and checking its columns; errors name the file, row and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from reports.errors import InputError

TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")
MISSING = ("", "nan", "none")


def read_csv(
    path: Path, text: Sequence[str], numbers: Sequence[str], key: Sequence[str], maybe: Sequence[str] = ()
) -> pd.DataFrame:
    """Read `path` with columns `text` (kept as written) and `numbers` (float64, nan where empty).

    Args:
        key: the columns that name a row; two rows of one key are an error.
        maybe: text columns that may be missing and are then empty.

    Returns:
        At least those columns, in the file's order; a table without rows is an error.

    Raises:
        InputError: no such file, not a CSV, a missing column, an unreadable number, a row that appears twice.
    """
    table = _raw(path)
    missing = [c for c in (*text, *numbers) if c not in table.columns]
    if missing:
        known = ", ".join(map(str, table.columns))
        raise InputError(f"{path}: column {', '.join(missing)} is missing; there are {known}")
    if table.empty:
        raise InputError(f"{path}: no row under the header; run the summary again")
    for column in maybe:
        if column not in table.columns:
            table[column] = ""
    for column in numbers:
        table[column] = [number(path, row, column, value) for row, value in enumerate(table[column], start=2)]
    twice = table[table.duplicated(list(key))]
    if len(twice):
        name = ", ".join(str(twice.iloc[0][c]) for c in key)
        raise InputError(f"{path}: row {twice.index[0] + 2}: columns {', '.join(key)}: {name} appears twice; keep one")
    return table


def _raw(path: Path) -> pd.DataFrame:
    try:
        # as text: a method may be called NA
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give the folder of a finished run") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as e:
        raise InputError(f"{path}: not a CSV table ({' '.join(str(e).split())}); run the summary again") from None


def number(path: Path, row: int, column: str, value: str) -> float:
    """One cell as a float; nan where it is empty."""
    if value.strip().lower() in MISSING:
        return float("nan")
    try:
        return float(value)
    except ValueError:
        raise InputError(f"{path}: row {row}, column {column}: {value!r} is no number; give one or nothing") from None


def flag(path: Path, row: int, column: str, value: str) -> bool:
    """One cell as yes or no."""
    if value.strip().lower() not in TRUE + FALSE:
        raise InputError(f"{path}: row {row}, column {column}: {value!r}; write true or false")
    return value.strip().lower() in TRUE


def choices(path: Path, table: pd.DataFrame, column: str, known: Sequence[str]) -> None:
    """Raise InputError where `column` has a value that is not in `known`."""
    for row, value in enumerate(table[column], start=2):
        if value not in known:
            raise InputError(f"{path}: row {row}, column {column}: {value!r} is unknown; there are {', '.join(known)}")


def within(path: Path, table: pd.DataFrame, column: str, low: float, high: float, unit: str) -> None:
    """Raise InputError where `column` has a number outside [low, high]; `unit` says what it should be."""
    for row, value in enumerate(table[column], start=2):
        if not (low <= value <= high or value != value):  # nan passes
            raise InputError(f"{path}: row {row}, column {column}: {value:g} is not {unit}; give {low:g} to {high:g}")
