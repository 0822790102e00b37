"""stress.csv: what every noisy condition costs every method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.results.intervals import mean_interval
from c2seg_bench.results.run import Run, wide
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.stress import FAMILIES


def stress(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, method, condition and metric; `drop` is the cost, whichever way the metric is better."""
    rows = []
    for (dataset, method, name), noisy in run.scores[run.scores["condition"] != str(CLEAN)].groupby(
        ["dataset", "method", "condition"], sort=False
    ):
        condition = Condition.parse(name)
        images = list(dict.fromkeys(noisy["image"]))
        clean = run.clean(dataset, method)
        clean = clean[clean["image"].isin(images)]
        shared = {
            "dataset": dataset,
            "method": method,
            "kind": FAMILIES[condition.family].kind,
            "family": condition.family,
            "severity": condition.severity,
            "stability": 100 * noisy["stability"].mean(),
            "changed": _changed(noisy, clean),
        }
        for metric in run.noise_metrics:
            before, after = (metric.scale * wide(t, metric.column, images) for t in (clean, noisy))
            cost = before - after if metric.higher_is_better else after - before
            drop, low, high = mean_interval(run, cost, dataset, images, name, metric.name)
            means = {"clean": _mean(before), "value": _mean(after)}
            rows.append({**shared, "metric": metric.name, **means, "drop": drop, "lo": low, "hi": high})
    return rows


def _mean(values: np.ndarray) -> float:
    """The mean of what is known; nan where nothing is, as in the consistency of prompts that state nothing."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _changed(noisy: pd.DataFrame, clean: pd.DataFrame) -> float:
    """Share of the prompts that the noise changed."""
    prompts = clean.drop_duplicates("image").set_index("image")["prompt"]
    return float((noisy["prompt"].to_numpy() != prompts.loc[noisy["image"]].to_numpy()).mean())
