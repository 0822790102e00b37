"""main.csv: every metric of every method and blind predictor under clean prompts, with interval, letters and ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from c2seg_bench.results.by_image import ByImage
from c2seg_bench.results.intervals import (
    corrected_intervals,
    corrected_places,
    mean_intervals,
    mean_places,
    spread_of_seeds,
)
from c2seg_bench.results.run import Run
from metrics.catalogue import Metric
from metrics.stats import Interval

T = TypeVar("T")


def main(run: Run, blind: Mapping[str, Mapping[str, pd.DataFrame]]) -> list[dict[str, Any]]:
    """A row per dataset, method and metric.

    Args:
        blind: dataset -> rows of the predictors that never look (`blind_predictors`).
    """
    rows = []
    for dataset in run.datasets:
        tables = {**{m: run.clean(dataset, m) for m in run.labels}, **blind[dataset]}
        scores = {name: ByImage(table, run.truth[dataset].names) for name, table in tables.items()}
        of_dataset = []
        for metric in run.metrics:
            make = _per_image if metric.column else _corrected
            of_dataset += make(run, dataset, metric, scores)
        order = list(scores)
        rows += sorted(of_dataset, key=lambda row: order.index(row["method"]))
    return rows


def _per_image(run: Run, dataset: str, metric: Metric, scores: Mapping[str, ByImage]) -> list[dict[str, Any]]:
    """Means over images of one metric."""
    names = run.truth[dataset].names
    values = {name: _by_policy(own[metric.column], metric, run.suite.score.empty) for name, own in scores.items()}
    places = mean_places(run, _ranked(run, dataset, values), metric.higher_is_better, dataset, names, metric.name)
    bounds = (0.0, 1.0) if metric.unit == "%" and metric.higher_is_better else (0.0, np.inf)
    intervals = mean_intervals(run, values, dataset, names, metric.name, bounds=bounds)
    rows = []
    for method, per_image in values.items():
        spread = metric.scale * spread_of_seeds(per_image)
        rows.append(_row(dataset, method, metric, intervals[method], _seeds(run, method, len(per_image)), spread))
        rows[-1] |= places.get(method, {})
    return rows


def _corrected(run: Run, dataset: str, metric: Metric, scores: Mapping[str, ByImage]) -> list[dict[str, Any]]:
    """The chance-corrected consistency, which no single image has."""
    places = corrected_places(run, dataset, _ranked(run, dataset, scores))
    rows = []
    for method, interval in corrected_intervals(run, dataset, scores).items():
        seeds = _seeds(run, method, len(scores[method].seeds))
        rows.append(_row(dataset, method, metric, interval, seeds, float("nan")) | places.get(method, {}))
    return rows


def _ranked(run: Run, dataset: str, by_name: Mapping[str, T]) -> dict[str, T]:
    """The entries of the methods that get letters and ranks: no blind predictors, and none that collapsed."""
    return {name: entry for name, entry in by_name.items() if name in run.labels and name not in run.unranked(dataset)}


def _seeds(run: Run, method: str, number: int) -> int:
    """Trainings that were done here: none of a model trained elsewhere, nor of a predictor that never looks."""
    outside = [entry.label for entry in run.suite.outside]
    return number if method in run.labels and method not in outside else 0


def _row(dataset: str, method: str, metric: Metric, interval: Interval, seeds: int, spread: float) -> dict[str, Any]:
    value, low, high = (metric.scale * v for v in interval)
    return {
        "dataset": dataset,
        "method": method,
        "metric": metric.name,
        "seeds": seeds,
        "value": value,
        "lo": low,
        "hi": high,
        "n": interval.n,
        "subjects": interval.subjects,
        "of_trainings": interval.of_trainings,
        "seed_sd": spread,
        "undefined": interval.undefined,
    }


def _by_policy(values: np.ndarray, metric: Metric, policy: str) -> np.ndarray:
    """Under policy `nan` one image without a value leaves the mean without one; under `skip` the image is left out."""
    if policy == "nan" and metric.empty and np.isnan(values).any():
        return np.full_like(values, np.nan)
    return values
