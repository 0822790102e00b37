"""Intervals, tie letters and ranks of a run's tables; random state comes from the names of what is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.results.run import Run, wide
from c2seg_bench.seeding import seed
from metrics.consistency.axes import ALL, Axis
from metrics.stats import Interval, bootstrap_corrected, bootstrap_mean, rank_intervals, tie_groups


def draw_seed(suite: str, *names: str) -> int:
    """Of the bootstrap draws that these names share."""
    return seed(suite, "bootstrap", *names) % 2**32


def mean_interval(run: Run, values: np.ndarray, *names: str) -> Interval:
    """Mean of (seeds, images) with its interval."""
    return bootstrap_mean(values, draw_seed(run.suite.name, *names), n=run.suite.score.bootstrap)


def corrected_interval(run: Run, dataset: str, table: pd.DataFrame, axis: Axis = ALL) -> Interval:
    """Chance-corrected consistency of one axis, from the rows of one method and the experts'."""
    truth = run.truth[dataset]
    return bootstrap_corrected(
        wide(table, axis.score, truth.names),
        wide(table, axis.chance, truth.names),
        truth.rows[axis.score].to_numpy(float),
        draw_seed(run.suite.name, dataset, axis.score),
        n=run.suite.score.bootstrap,
    )


def standing(run: Run, values: dict[str, np.ndarray], higher_is_better: bool, *names: str) -> dict[str, dict[str, Any]]:
    """method -> letter of its tie group, and the ranks that it takes in 95 % of the draws; empty for one method."""
    values = {m: v for m, v in values.items() if np.isfinite(v).any()}
    known = [np.isfinite(v).any(axis=0) for v in values.values()]
    if len(values) < 2 or not np.logical_and.reduce(known).any():
        return {}
    how: dict[str, Any] = {
        "seed": draw_seed(run.suite.name, *names),
        "higher_is_better": higher_is_better,
        "n": run.suite.score.bootstrap,
    }
    letters, ranks = tie_groups(values, **how), rank_intervals(values, **how)
    return {m: {"group": letters[m], "rank_lo": ranks[m][0], "rank_hi": ranks[m][1]} for m in values}
