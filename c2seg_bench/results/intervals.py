"""Intervals, letters and ranks of a run's tables; random state comes from the names of what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.results.run import Run, wide
from c2seg_bench.seeding import seed
from metrics.consistency.axes import ALL, Axis
from metrics.ranking import Place, places, places_of
from metrics.sample import Sample
from metrics.stats import Interval, bootstrap_corrected, bootstrap_means, corrected


def draw_seed(suite: str, *names: str) -> int:
    """Of the bootstrap draws that these names share."""
    return seed(suite, "bootstrap", *names) % 2**32


def mean_interval(
    run: Run,
    values: np.ndarray,
    dataset: str,
    images: list[str],
    *names: str,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Interval:
    """Mean of values (seeds, images) with its interval; `bounds` as in `bootstrap_mean`."""
    return mean_intervals(run, {"": values}, dataset, images, *names, bounds=bounds)[""]


def mean_intervals(
    run: Run,
    values: Mapping[str, np.ndarray],
    dataset: str,
    images: list[str],
    *names: str,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> dict[str, Interval]:
    """As `mean_interval`, of each method's values (seeds, images)."""
    intervals = bootstrap_means(
        list(values.values()),
        draw_seed(run.suite.name, dataset, *names),
        n=run.suite.score.bootstrap,
        subjects=run.subjects(dataset, images),
        bounds=bounds,
    )
    return dict(zip(values, intervals, strict=True))


def corrected_interval(run: Run, dataset: str, table: pd.DataFrame, axis: Axis = ALL) -> Interval:
    """Chance-corrected consistency of one axis, from the rows of one method and the experts'."""
    truth = run.truth[dataset]
    return bootstrap_corrected(
        wide(table, axis.score, truth.names),
        wide(table, axis.chance, truth.names),
        truth.rows[axis.score].to_numpy(float),
        truth.rows[axis.chance].to_numpy(float),
        draw_seed(run.suite.name, dataset, axis.score),
        n=run.suite.score.bootstrap,
        subjects=run.subjects(dataset, truth.names),
    )


def mean_places(
    run: Run, values: Mapping[str, np.ndarray], higher_is_better: bool, dataset: str, images: list[str], *names: str
) -> dict[str, dict[str, Any]]:
    """method -> its letters and open ranks by the mean of its values; empty for one method."""
    values = {m: v for m, v in values.items() if np.isfinite(v).any()}
    known = [np.isfinite(v).any(axis=0) for v in values.values()]
    if len(values) < 2 or not np.logical_and.reduce(known).any():
        return {}
    return columns_of(
        places(
            values,
            draw_seed(run.suite.name, dataset, *names),
            higher_is_better,
            n=run.suite.score.bootstrap,
            subjects=run.subjects(dataset, images),
        )
    )


def corrected_places(run: Run, dataset: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """method -> its letters and open ranks by the corrected score of all that is stated; empty for one method."""
    if len(tables) < 2:
        return {}
    truth = run.truth[dataset]
    groups = [[wide(t, ALL.score, truth.names), wide(t, ALL.chance, truth.names)] for t in tables.values()]
    experts = [truth.rows[ALL.score].to_numpy(float), truth.rows[ALL.chance].to_numpy(float)]
    sample = Sample.of([*groups, experts], run.subjects(dataset, truth.names))
    statistics = {m: lambda means, k=2 * k: corrected(means[..., [k, k + 1, -2, -1]]) for k, m in enumerate(tables)}
    draws = run.suite.score.bootstrap
    return columns_of(places_of(sample, statistics, draw_seed(run.suite.name, dataset, ALL.score), n=draws))


def columns_of(place_by_method: Mapping[str, Place]) -> dict[str, dict[str, Any]]:
    """The columns of main.csv for each method's place."""
    return {m: {"group": p.letters, "rank_lo": p.lo, "rank_hi": p.hi} for m, p in place_by_method.items()}


def spread_of_seeds(values: np.ndarray) -> float:
    """Standard deviation of the seeds' means (seeds, images); nan with fewer than three seeds."""
    known = values[:, np.isfinite(values).any(axis=0)]
    return float(np.nanmean(known, axis=1).std(ddof=1)) if len(values) > 2 and known.size else float("nan")
