"""axes.csv: consistency axis by axis of the methods, of the experts' masks, and of predictors that never look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.results.by_image import ByImage
from c2seg_bench.results.intervals import corrected_intervals
from c2seg_bench.results.run import Run
from c2seg_bench.results.truth import Truth
from metrics.consistency import parse
from metrics.consistency.axes import TABLE_AXES, Axis
from metrics.sample import mean_of

TRUTH = "ground truth"


def axes(run: Run, blind: Mapping[str, Mapping[str, pd.DataFrame]]) -> list[dict[str, Any]]:
    """A row per dataset, predictor and axis that some prompt states.

    Args:
        blind: dataset -> rows of the predictors that never look (`blind_predictors`).
    """
    rows: list[dict[str, Any]] = []
    for dataset in run.datasets:
        truth = run.truth[dataset]
        tables = {label: run.clean(dataset, label) for label in run.labels}
        tables[TRUTH] = truth.rows.assign(seed=0, image=truth.names)
        scores = {name: ByImage(table, truth.names) for name, table in {**tables, **blind[dataset]}.items()}
        for axis in TABLE_AXES:
            if truth.rows[axis.score].notna().any():
                rows += _axis(run, dataset, scores, axis)
    order = {name: k for k, name in enumerate(dict.fromkeys(row["method"] for row in rows))}
    return sorted(rows, key=lambda row: (run.datasets.index(row["dataset"]), order[row["method"]]))


def same_reading(truth: Truth, axis: Axis) -> float:
    """Share of other images whose prompt states the same on an axis, of those that state it; nan where one does."""
    stated = truth.rows[axis.score].notna().to_numpy()
    statements = (axis.statement(parse(text, truth.judge.ontology)) for text in np.array(truth.prompts)[stated])
    often = np.array(list(Counter(statements).values()), float)
    pairs = stated.sum() * (stated.sum() - 1)
    return float((often * (often - 1)).sum() / pairs) if pairs else float("nan")


def _axis(run: Run, dataset: str, scores: Mapping[str, ByImage], axis: Axis) -> Iterator[dict[str, Any]]:
    """The rows of all predictors. Means are over the images whose prompt states the axis, as in the corrected score."""
    truth = run.truth[dataset]
    stated = truth.rows[axis.score].notna().to_numpy()
    shared = {
        "dataset": dataset,
        "axis": axis.name,
        "coverage": float(stated.mean()),
        "ceiling": float(truth.rows[axis.score].mean()),
        "same_reading": same_reading(truth, axis),
    }
    for name, interval in corrected_intervals(run, dataset, scores, axis).items():
        means = {
            key: mean_of(scores[name][column][:, stated], (0, 1)).item()
            for key, column in (("strict", axis.ok), ("graded", axis.score), ("chance", axis.chance))
        }
        ends = dict(zip(("corrected", "lo", "hi"), interval, strict=True))
        yield {**shared, "method": name, **means, **ends, "undefined": interval.undefined}
