"""Which scores belong to the suite of a run: after an interrupted run some may be of earlier settings or weights."""

from __future__ import annotations

from typing import Any

import pandas as pd

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.files import read_json
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite, cells, same_settings, score_key


def belonging_scores(scores: pd.DataFrame, suite: Suite, files: RunDir) -> tuple[pd.DataFrame, list[str]]:
    """The rows whose cell answers the suite, and a line for each cell that is left out.

    Rows without the column `request` were written by an earlier version, and are taken as they are.

    Args:
        scores: scores.parquet.
        suite: that the report is of.
        files: of the run.
    """
    if "request" not in scores:
        return scores, []
    cell = ["dataset", "method", "seed"]
    requests = scores[[*cell, "request"]].drop_duplicates()
    caches = {d: Cache.open(files.data(d)) for d in suite.datasets if files.data(d).exists()}
    reasons = {}
    for name, rows in requests.groupby(cell, sort=False, observed=True):
        dataset, label, seed = name
        if reason := _why_not(set(rows["request"]), suite, files, (str(dataset), str(label), int(seed)), caches):
            reasons[name] = reason
    if not reasons:  # without a copy of millions of rows
        return scores, []
    foreign = pd.MultiIndex.from_frame(scores[cell]).isin(list(reasons))
    lines = [f"{d} / {m} / seed {s}: {why}; left out, run the suite again" for (d, m, s), why in reasons.items()]
    return scores[~foreign], lines


def _why_not(
    requests: set[str], suite: Suite, files: RunDir, name: tuple[str, str, int], caches: dict[str, Cache]
) -> str:
    """Why the rows of a cell, scored for `requests`, do not belong to the suite; "" where they do."""
    cell = next((c for c in cells(suite, files.out) if (c.dataset, c.method.label, c.seed) == name), None)
    if cell is None:
        return "not in this suite"
    record = read_json(cell.files.record)
    if record is None:
        return "trained or predicted again since it was scored"
    if requests != {score_key(record["request"], record["scoring"])}:
        return "its scores are of an earlier result"
    if not same_settings(record["settings"], cell.request()):
        return "done under other settings"
    if cell.dataset not in caches or not _same_data(record["data"], caches[cell.dataset]):
        return "done with other data"
    return ""


def _same_data(stored: Any, cache: Cache) -> bool:
    """Whether the data is that of the record: hashes of splits, or in earlier versions one of all pairs."""
    if not isinstance(stored, dict):
        return stored == cache.manifest["hash"]
    return all(known == cache.split_hash(split) for split, known in stored.items())
