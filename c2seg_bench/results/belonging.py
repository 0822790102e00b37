"""Which scores belong to the suite of a run: after an interrupted run some may be of earlier settings or weights."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from c2seg_bench.data.cache import Cache
from c2seg_bench.files import read_json
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite, cells, score_key


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
    data_hash = {d: Cache.open(files.data(d)).manifest["hash"] for d in suite.datasets if files.data(d).exists()}
    kept, left_out = [], []
    for (dataset, label, seed), rows in scores.groupby(["dataset", "method", "seed"], sort=False):
        reason = _why_not(rows, suite, files, (str(dataset), str(label), int(seed)), data_hash)
        if reason:
            left_out.append(f"{dataset} / {label} / seed {seed}: {reason}; left out, run the suite again")
        else:
            kept.append(rows)
    return pd.concat(kept) if kept else scores.iloc[:0], left_out


def _why_not(
    rows: pd.DataFrame, suite: Suite, files: RunDir, name: tuple[str, str, int], data_hash: dict[str, str]
) -> str:
    """Why the rows of a cell do not belong to the suite; "" where they do."""
    cell = next((c for c in cells(suite, files.out) if (c.dataset, c.method.label, c.seed) == name), None)
    if cell is None:
        return "not in this suite"
    record = read_json(cell.files.record)
    if record is None:
        return "trained or predicted again since it was scored"
    if set(rows["request"]) != {score_key(record["request"], record["scoring"])}:
        return "its scores are of an earlier result"
    if record["settings"] != _as_json(cell.request()):
        return "done under other settings"
    if record["data"] != data_hash.get(cell.dataset):
        return "done with other data"
    return ""


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
