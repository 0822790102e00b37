"""scores.parquet read in parts: the names in its rows without their scores, or the rows and columns that are needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from c2seg_bench.files import parquet_errors, verify
from c2seg_bench.referring.score import COLUMNS as REFERRING_COLUMNS
from c2seg_bench.rundir import Condition

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

TEXTS = ("dataset", "method", "condition", "image", "subject", "prompt", "request")  # read as pandas categories
NAMES = ("dataset", "method", "seed", "condition", "request")  # say which cell and condition a row is of
ROWS_IN_GROUP = 1 << 17  # of scores.parquet: a group is the least that can be read, and has rows of few datasets


def stored_names(path: Path) -> pd.DataFrame:
    """The distinct combinations of the columns `NAMES`, in the order of their first rows.

    A column that the file lacks is left out; earlier versions wrote no `request`.

    Raises:
        DamagedFile: not a whole Parquet file, or not the one that was written.
        FileNotFoundError: there is no such file.
    """
    with parquet_errors(path):
        verify(path)
        with _opened(path) as file:
            table = file.read([name for name in file.schema_arrow.names if name in NAMES])
    rows = table.to_pandas(split_blocks=True, self_destruct=True)
    codes = [rows[name].cat.codes if name in TEXTS else rows[name] for name in rows]
    first = np.zeros(len(rows), bool)
    first[:1] = True
    for column in codes:  # most rows have the names of the row before, so few are left to hash
        values = column.to_numpy()
        first[1:] |= values[1:] != values[:-1]
    return rows[first].drop_duplicates(ignore_index=True)


def stored_rows(
    path: Path,
    dataset: str | None = None,
    columns: Collection[str] | None = None,
    conditions: Collection[str] | None = None,
) -> pd.DataFrame:
    """Rows with the columns `TEXTS` as pandas categories. A group of rows at a time is read whole.

    Args:
        dataset: of this one; by default of all.
        columns: these alone, in the file's order, without those that it lacks; by default all.
        conditions: under these; by default under all.

    Raises:
        DamagedFile, FileNotFoundError: as `stored_names`.
    """
    import pyarrow as pa

    texts = {"dataset": None if dataset is None else [dataset], "condition": conditions}
    chosen = {name: wanted for name, wanted in texts.items() if wanted is not None}
    with parquet_errors(path):
        verify(path)
        with _opened(path) as file:
            wanted = [name for name in file.schema_arrow.names if columns is None or name in columns]
            read = list(dict.fromkeys([*wanted, *chosen]))
            groups = [k for k in range(file.num_row_groups) if dataset is None or _may_have(file, k, dataset)]
            parts = [_rows_of(file.read_row_group(k, read), chosen) for k in groups]
            whole = pa.concat_tables([file.schema_arrow.empty_table().select(read), *parts]).select(wanted)
    return whole.to_pandas(split_blocks=True, self_destruct=True)


def split_referring(scores: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of scores.parquet whose correct mask is the expert's, and those of prompts with one of their own.

    The first lack the columns that only the second have.
    """
    kinds = [condition for condition in scores["condition"].unique() if Condition.parse(condition).is_referring]
    referring = scores["condition"].isin(kinds)
    if not referring.any():  # without a copy of millions of rows
        return scores.drop(columns=list(REFERRING_COLUMNS), errors="ignore"), scores.iloc[:0]
    return scores[~referring].drop(columns=list(REFERRING_COLUMNS), errors="ignore"), scores[referring]


def _rows_of(group: pa.Table, chosen: Mapping[str, Collection[str]]) -> pa.Table:
    """The rows whose texts are among the chosen ones, by column. A block of rows is not copied."""
    wanted = [np.ones(len(group), bool), *(_among(group[name], texts) for name, texts in chosen.items())]
    at = np.flatnonzero(np.logical_and.reduce(wanted))
    start, stop = (int(at[0]), int(at[-1]) + 1) if at.size else (0, 0)
    return group.slice(start, stop - start) if stop - start == at.size else group.take(at)


def _among(column: pa.ChunkedArray, texts: Collection[str]) -> NDArray[np.bool_]:
    """(rows,) whether the text of each row is one of `texts`; each different text is looked up once."""
    parts = [np.array([t in texts for t in c.dictionary.to_pylist()], bool)[c.indices] for c in column.chunks]
    return np.concatenate([np.zeros(0, bool), *parts])


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    stored = pq.read_schema(path).names
    return pq.ParquetFile(path, read_dictionary=[name for name in TEXTS if name in stored])


def _may_have(file: pq.ParquetFile, group: int, dataset: str) -> bool:
    """Whether a group of rows may have one of the dataset, by the smallest and largest name that the file notes."""
    column = file.metadata.row_group(group).column(file.schema_arrow.names.index("dataset"))
    known = column.statistics
    return known is None or not known.has_min_max or known.min <= dataset <= known.max
