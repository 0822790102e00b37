"""main.csv: every metric of every method under clean prompts, with interval, tie letter and ranks."""

from __future__ import annotations

from typing import Any

import numpy as np

from c2seg_bench.results.intervals import corrected_interval, mean_interval, standing
from c2seg_bench.results.run import Run, wide
from metrics.catalogue import Metric


def main(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, method and metric."""
    rows = []
    for dataset in run.datasets:
        for metric in run.metrics:
            rows += _per_image(run, dataset, metric) if metric.column else _corrected(run, dataset, metric)
    return sorted(rows, key=lambda row: (run.datasets.index(row["dataset"]), run.labels.index(row["method"])))


def _per_image(run: Run, dataset: str, metric: Metric) -> list[dict[str, Any]]:
    """Means over images of one metric."""
    names = run.truth[dataset].names
    values = {m: _known(run, wide(run.clean(dataset, m), metric.column, names), metric) for m in run.labels}
    places = standing(run, values, metric.higher_is_better, dataset, metric.name)
    rows = []
    for method, scores in values.items():
        mean, low, high = (metric.scale * v for v in mean_interval(run, scores, dataset, metric.name))
        n = int(np.isfinite(scores).any(axis=0).sum())
        row = _row(dataset, method, metric, _seeds(run, method, len(scores)), n, mean, low, high)
        rows.append({**row, **places.get(method, {})})
    return rows


def _corrected(run: Run, dataset: str, metric: Metric) -> list[dict[str, Any]]:
    """The chance-corrected consistency, which no single image has."""
    rows = []
    for method in run.labels:
        table = run.clean(dataset, method)
        mean, low, high = corrected_interval(run, dataset, table)
        n = len(run.truth[dataset].names)
        seeds = _seeds(run, method, table["seed"].nunique())
        rows.append(_row(dataset, method, metric, seeds, n, mean, low, high))
    return rows


def _seeds(run: Run, method: str, number: int) -> int:
    return 0 if method in [entry.label for entry in run.suite.outside] else number


def _row(dataset: str, method: str, metric: Metric, seeds: int, n: int, value: float, lo: float, hi: float) -> dict:
    return {
        "dataset": dataset, "method": method, "metric": metric.name, "seeds": seeds,
        "value": value, "lo": lo, "hi": hi, "n": n,
    }  # fmt: skip


def _known(run: Run, values: np.ndarray, metric: Metric) -> np.ndarray:
    """Under policy `nan` one image without a value leaves the mean without one; under `skip` the image is left out."""
    if run.suite.score.empty == "nan" and metric.empty and np.isnan(values).any():
        return np.full_like(values, np.nan)
    return values
