"""Which scores belong to the suite of a run: after an interrupted run some may be of earlier settings or weights."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.results.records import Answered, read_record
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import AnyCell, Suite, cells, same_settings, score_key

CELL = ("dataset", "method", "seed")
CellName = tuple[str, str, int]


def foreign_cells(names: pd.DataFrame, suite: Suite, files: RunDir) -> dict[CellName, str]:
    """Cells whose rows do not answer the suite, and why; in the order of their first rows.

    Rows without the column `request` were written by an earlier version, and are taken as they are.

    Args:
        names: of the rows of scores.parquet, `stored_names`.
        suite: that the report is of.
        files: of the run.
    """
    if "request" not in names:
        return {}
    caches = {d: Cache.open(files.data(d)) for d in suite.datasets if files.data(d).exists()}
    of_suite = {(c.dataset, c.method.label, c.seed): c for c in cells(suite, files.out)}
    requests = names.groupby(list(CELL), sort=False, observed=True)["request"].unique()
    reasons = {}
    for (dataset, label, seed), stored in requests.items():
        name = str(dataset), str(label), int(seed)
        if reason := _why_not(set(stored), of_suite.get(name), caches):
            reasons[name] = reason
    return reasons


def without_cells(rows: pd.DataFrame, foreign: dict[CellName, str]) -> pd.DataFrame:
    """The rows that are of none of the cells."""
    present = [name for name in foreign if name[0] in set(rows["dataset"].unique())]
    if not present:  # without a copy of millions of rows
        return rows
    return rows[~pd.MultiIndex.from_frame(rows[list(CELL)]).isin(present)]


def lines_of(foreign: Mapping[CellName, str]) -> list[str]:
    """A line for each cell that is left out: which one, and why."""
    return [f"{d} / {m} / seed {s}: {why}; left out, run the suite again" for (d, m, s), why in foreign.items()]


def _why_not(requests: set[str], cell: AnyCell | None, caches: dict[str, Cache]) -> str:
    """Why the rows of a cell, scored for `requests`, do not belong to the suite; "" where they do."""
    if cell is None:
        return "not in this suite"
    answered = read_record(cell.files.record, Answered)
    if answered is None:
        return "trained or predicted again since it was scored"
    if requests != {score_key(answered.request, answered.scoring)}:
        return "its scores are of an earlier result"
    if not same_settings(answered.settings, cell.request()):
        return "done under other settings"
    if cell.dataset not in caches:
        return "its prepared data is missing"
    if not _same_data(answered.data, caches[cell.dataset]):
        return "done with other data"
    return ""


def _same_data(stored: str | dict[str, str], cache: Cache) -> bool:
    """Whether the data is that of the record: hashes of splits, or in earlier versions one of all pairs."""
    if isinstance(stored, str):
        return stored == cache.manifest["hash"]
    return all(known == cache.split_hash(split) for split, known in stored.items())
