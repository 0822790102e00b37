"""Intervals, letters and ranks of a run's tables; random state comes from the names of what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from c2seg_bench.results.by_image import ByImage
from c2seg_bench.results.run import Run
from c2seg_bench.seeding import seed
from metrics.consistency.axes import ALL, Axis
from metrics.ranking import Place, places, places_of
from metrics.sample import Sample
from metrics.stats import Interval, bootstrap_each, bootstrap_means, corrected


def draw_seed(suite: str, *names: str) -> int:
    """Of the bootstrap draws that these names share."""
    return seed(suite, "bootstrap", *names) % 2**32


def mean_intervals(
    run: Run,
    values: Mapping[str, np.ndarray],
    dataset: str,
    images: list[str],
    *names: str,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> dict[str, Interval]:
    """Mean of each method's values (seeds, images) with its interval; `bounds` as in `bootstrap_mean`."""
    intervals = bootstrap_means(
        list(values.values()),
        draw_seed(run.suite.name, dataset, *names),
        n=run.suite.score.bootstrap,
        subjects=run.subjects(dataset, images),
        bounds=bounds,
    )
    return dict(zip(values, intervals, strict=True))


def corrected_intervals(run: Run, dataset: str, scores: Mapping[str, ByImage], axis: Axis = ALL) -> dict[str, Interval]:
    """Chance-corrected consistency of each method on one axis, from its scores and the experts'."""
    truth = run.truth[dataset]
    experts = [truth.rows[column].to_numpy(float) for column in (axis.score, axis.chance)]
    intervals = bootstrap_each(
        [([[own[axis.score], own[axis.chance]], experts], {"corrected": corrected}) for own in scores.values()],
        draw_seed(run.suite.name, dataset, axis.score),
        n=run.suite.score.bootstrap,
        subjects=run.subjects(dataset, truth.names),
    )
    return {method: interval["corrected"] for method, interval in zip(scores, intervals, strict=True)}


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


def corrected_places(run: Run, dataset: str, scores: Mapping[str, ByImage]) -> dict[str, dict[str, Any]]:
    """method -> its letters and open ranks by the corrected score of all that is stated; empty for one method."""
    if len(scores) < 2:
        return {}
    truth = run.truth[dataset]
    groups = [[own[ALL.score], own[ALL.chance]] for own in scores.values()]
    experts = [truth.rows[column].to_numpy(float) for column in (ALL.score, ALL.chance)]
    sample = Sample.of([*groups, experts], run.subjects(dataset, truth.names))
    statistics = {m: lambda means, k=2 * k: corrected(means[..., [k, k + 1, -2, -1]]) for k, m in enumerate(scores)}
    draws = run.suite.score.bootstrap
    return columns_of(places_of(sample, statistics, draw_seed(run.suite.name, dataset, ALL.score), n=draws))


def columns_of(place_by_method: Mapping[str, Place]) -> dict[str, dict[str, Any]]:
    """The columns of main.csv for each method's place."""
    return {m: {"group": p.letters, "rank_lo": p.lo, "rank_hi": p.hi} for m, p in place_by_method.items()}


def spread_of_seeds(values: np.ndarray) -> float:
    """Standard deviation of the seeds' means (seeds, images); nan with fewer than three seeds."""
    known = values[:, np.isfinite(values).any(axis=0)]
    return float(np.nanmean(known, axis=1).std(ddof=1)) if len(values) > 2 and known.size else float("nan")
