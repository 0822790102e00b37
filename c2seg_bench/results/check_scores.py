"""Whether tables can be made of scores.parquet: its columns, the names in its rows, and the images that they are of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from c2seg_bench.files import DamagedFile, parquet_errors
from c2seg_bench.results.schema import SCORES
from c2seg_bench.rundir import CLEAN, Condition

if TYPE_CHECKING:
    import pyarrow as pa

EDITS = ("edited_ok", "edited_score", "before_ok", "before_score")  # all of them, or none
# of every run, but for what scores of earlier versions lack
ALWAYS = tuple(column.name for column in SCORES.columns if column.always and column.name != "subject")


def check_columns(path: Path, needed: Iterable[str]) -> None:
    """Whether scores.parquet has these columns, and all that it has are of their types.

    Raises:
        DamagedFile: it lacks a column, or has text where numbers belong; or it is not a whole Parquet file.
        FileNotFoundError: there is no such file.
    """
    import pyarrow.parquet as pq

    with parquet_errors(path):
        stored = pq.read_schema(path)
    if fault := fault_of_columns(stored, needed):
        raise DamagedFile(path, fault)


def check_names(path: Path, names: pd.DataFrame) -> None:
    """DamagedFile if something is wrong with the `stored_names` of scores.parquet, `fault_of_names`."""
    if fault := fault_of_names(names):
        raise DamagedFile(path, fault)


def check_images(path: Path, dataset: str, stored: Collection[str], images: Collection[str]) -> None:
    """Whether the rows of a dataset are of the images of its test split.

    Args:
        stored: names of the images in its rows under clean prompts.
        images: names of those of the test split.

    Raises:
        DamagedFile: there are rows of another image, or none of one.
    """
    for name in sorted(set(stored) - set(images)):
        raise DamagedFile(path, f"{dataset}: rows of {name}, which is no image of the test split")
    for name in sorted(set(images) - set(stored)):
        raise DamagedFile(path, f"{dataset}: no rows of {name}, an image of the test split")


def fault_of_columns(stored: pa.Schema, needed: Iterable[str]) -> str:
    """Which column is missing, or of another type than the schema says; "" where all is well."""
    edits = EDITS if set(EDITS) & set(stored.names) else ()
    if missing := [name for name in (*needed, *edits) if name not in stored.names]:
        return f"it has no column {missing[0]}"
    types = {column.name: column.type for column in SCORES.columns}
    wrong = [c.name for c in stored if c.name in types and not _may_have(types[c.name], c.type)]
    return f"its column {wrong[0]} is not of type {types[wrong[0]]}" if wrong else ""


def fault_of_names(names: pd.DataFrame) -> str:
    """Which row lacks a name, which condition is none, or which training has no rows under clean prompts.

    Args:
        names: `dataset`, `method`, `seed` and `condition` of rows of scores.

    Returns:
        "" where all is well.
    """
    if unnamed := [column for column in names if names[column].isna().any()]:
        return f"rows without {unnamed[0]}"
    if not pd.api.types.is_integer_dtype(names["seed"]):
        return "its column seed is not of type integer"
    for condition in names["condition"].unique():
        try:
            Condition.parse(condition)
        except ValueError as e:
            return str(e)
    clean = set(_trainings(names[names["condition"] == str(CLEAN)]))
    lacking = [training for training in _trainings(names) if training not in clean]
    return "{} / {} / seed {} has no rows under clean prompts".format(*lacking[0]) if lacking else ""


def _trainings(names: pd.DataFrame) -> Iterable[tuple[str, str, int]]:
    return names[["dataset", "method", "seed"]].drop_duplicates().itertuples(index=False, name=None)


def _may_have(kind: str, stored: pa.DataType) -> bool:
    """Whether a column of this type may be stored so: whole numbers with gaps are floats, and gaps alone are null."""
    from pyarrow import types

    if types.is_null(stored):
        return True
    if kind == "text":
        values = stored.value_type if types.is_dictionary(stored) else stored
        return types.is_string(values) or types.is_large_string(values)
    return types.is_integer(stored) or types.is_floating(stored) or types.is_boolean(stored)
