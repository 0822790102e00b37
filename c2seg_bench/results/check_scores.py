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
LATER = ("subject",)  # scores of earlier versions lack it


def check_columns(path: Path, metrics: Collection[str]) -> None:
    """Whether the file has the columns that tables are made of, each of its type.

    Args:
        path: of scores.parquet.
        metrics: columns of the metrics that the suite lists.

    Raises:
        DamagedFile: it lacks a column, or has text where numbers belong; or it is not a whole Parquet file.
        FileNotFoundError: there is no such file.
    """
    import pyarrow.parquet as pq

    with parquet_errors(path):
        stored = {column.name: column.type for column in pq.read_schema(path)}
    needed = [column.name for column in SCORES.columns if column.always and column.name not in LATER]
    edits = EDITS if set(EDITS) & set(stored) else ()
    if missing := [name for name in (*needed, *metrics, *edits) if name not in stored]:
        raise DamagedFile(path, f"it has no column {missing[0]}")
    for column in SCORES.columns:
        if column.name in stored and not _may_have(column.type, stored[column.name]):
            raise DamagedFile(path, f"its column {column.name} is not of type {column.type}")


def check_names(path: Path, names: pd.DataFrame) -> None:
    """Whether every row has names, every condition is one, and every training has rows under clean prompts.

    Args:
        path: of scores.parquet.
        names: `stored_names` of it.

    Raises:
        DamagedFile: it is not so.
    """
    if unnamed := [column for column in names if names[column].isna().any()]:
        raise DamagedFile(path, f"rows without {unnamed[0]}")
    if not pd.api.types.is_integer_dtype(names["seed"]):
        raise DamagedFile(path, "its column seed is not of type integer")
    for condition in names["condition"].unique():
        try:
            Condition.parse(condition)
        except ValueError as e:
            raise DamagedFile(path, str(e)) from None
    clean = set(_trainings(names[names["condition"] == str(CLEAN)]))
    for dataset, method, seed in _trainings(names):
        if (dataset, method, seed) not in clean:
            raise DamagedFile(path, f"{dataset} / {method} / seed {seed} has no rows under clean prompts")


def check_images(path: Path, dataset: str, stored: Collection[str], images: Collection[str]) -> None:
    """Whether the rows of a dataset are of the images of its test split.

    Args:
        path: of scores.parquet.
        stored: names of the images in its rows under clean prompts.
        images: names of those of the test split.

    Raises:
        DamagedFile: there are rows of another image, or none of one.
    """
    for name in sorted(set(stored) - set(images)):
        raise DamagedFile(path, f"{dataset}: rows of {name}, which is no image of the test split")
    for name in sorted(set(images) - set(stored)):
        raise DamagedFile(path, f"{dataset}: no rows of {name}, an image of the test split")


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
