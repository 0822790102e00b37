"""stress.csv: what every noisy condition costs every method."""

from __future__ import annotations

from typing import Any

import numpy as np

from c2seg_bench.results.by_image import methods_by_images
from c2seg_bench.results.grid import Grid
from c2seg_bench.results.intervals import mean_intervals
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.stress import FAMILIES
from metrics.sample import mean_of


def stress(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, method, condition and metric; `drop` is the cost, whichever way the metric is better."""
    return [row for dataset in run.datasets for row in _of_dataset(run, dataset)]


def _of_dataset(run: Run, dataset: str) -> list[dict[str, Any]]:
    grid = run.grid(dataset)
    noisy = [name for name in grid.conditions if name != str(CLEAN)]
    by_condition = {name: _of_condition(run, dataset, grid, name) for name in noisy}
    return [
        row
        for method in grid.methods
        for name in grid.conditions_of(method)
        if name in by_condition
        for row in by_condition[name][method]
    ]


def _of_condition(run: Run, dataset: str, grid: Grid, name: str) -> dict[str, list[dict[str, Any]]]:
    """method -> its rows under one condition, a row for each metric."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for images, methods in methods_by_images({method: grid.images(method, name) for method in grid.methods}):
        shared = {method: _shared(dataset, grid, method, name, images) for method in methods}
        for metric in run.noise_metrics:
            both = {m: metric.scale * grid.curves(metric.column, m, [str(CLEAN), name], images) for m in methods}
            cost = {m: before - after if metric.higher_is_better else after - before
                    for m, (before, after) in both.items()}  # fmt: skip
            for method, (drop, low, high) in mean_intervals(run, cost, dataset, images, name, metric.name).items():
                means = dict(zip(("clean", "value"), map(_mean, both[method]), strict=True))
                ends = {"drop": drop, "lo": low, "hi": high}
                rows.setdefault(method, []).append({**shared[method], "metric": metric.name, **means, **ends})
    return rows


def _shared(dataset: str, grid: Grid, method: str, name: str, images: list[str]) -> dict[str, Any]:
    """What the rows of all metrics have in common."""
    condition = Condition.parse(name)
    return {
        "dataset": dataset,
        "method": method,
        "kind": FAMILIES[condition.family].kind,
        "family": condition.family,
        "severity": condition.severity,
        "stability": 100 * _mean(grid.values("stability", method, name, images)),
        "changed": 1 - grid.same_text("prompt", method, name, str(CLEAN), images),
    }


def _mean(values: np.ndarray) -> float:
    """The mean of what is known; nan where nothing is, as in the consistency of prompts that state nothing."""
    return float(mean_of(values, (0, 1)).item())
