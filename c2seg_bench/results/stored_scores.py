"""scores.parquet read in parts: the names in its rows without their scores, or all rows of one dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from c2seg_bench.files import parquet_errors, verify

if TYPE_CHECKING:
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
    for column in codes:  # neighbours are mostly of the same cell, which takes no hashing to see
        values = column.to_numpy()
        first[1:] |= values[1:] != values[:-1]
    return rows[first].drop_duplicates(ignore_index=True)


def stored_rows(path: Path, dataset: str | None = None) -> pd.DataFrame:
    """The rows of one dataset, by default of all, with the columns `TEXTS` as pandas categories.

    Raises:
        DamagedFile, FileNotFoundError: as `stored_names`.
    """
    import pyarrow.compute as pc

    with parquet_errors(path):
        verify(path)
        with _opened(path) as file:
            groups = [k for k in range(file.num_row_groups) if dataset is None or _may_have(file, k, dataset)]
            table = file.read_row_groups(groups)
    if dataset is not None:
        wanted = np.flatnonzero(pc.equal(table["dataset"], dataset))
        start, stop = (int(wanted[0]), int(wanted[-1]) + 1) if wanted.size else (0, 0)
        # one block of rows, as the writer leaves them, is not copied
        table = table.slice(start, stop - start) if stop - start == wanted.size else table.take(wanted)
    return table.to_pandas(split_blocks=True, self_destruct=True)


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    stored = pq.read_schema(path).names
    return pq.ParquetFile(path, read_dictionary=[name for name in TEXTS if name in stored])


def _may_have(file: pq.ParquetFile, group: int, dataset: str) -> bool:
    """Whether a group of rows may have one of the dataset, by the smallest and largest name that the file notes."""
    column = file.metadata.row_group(group).column(file.schema_arrow.names.index("dataset"))
    known = column.statistics
    return known is None or not known.has_min_max or known.min <= dataset <= known.max
