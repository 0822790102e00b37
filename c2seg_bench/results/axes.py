"""axes.csv: consistency axis by axis of the methods, of the experts' masks, and of predictors that never look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.results.intervals import corrected_interval
from c2seg_bench.results.run import Run, Truth
from metrics.consistency import parse
from metrics.consistency.axes import TABLE_AXES, Axis

TRUTH = "ground truth"


def axes(run: Run, blind: Mapping[str, Mapping[str, pd.DataFrame]]) -> list[dict[str, Any]]:
    """A row per dataset, predictor and axis that some prompt states.

    Args:
        blind: dataset -> rows of the predictors that never look (`blind_predictors`).
    """
    rows = []
    for dataset in run.datasets:
        truth = run.truth[dataset]
        tables = {label: run.clean(dataset, label) for label in run.labels}
        tables[TRUTH] = truth.rows.assign(seed=0, image=truth.names)
        tables |= blind[dataset]
        for axis in TABLE_AXES:
            if truth.rows[axis.score].notna().any():
                same = same_reading(truth, axis)
                rows += [_axis(run, dataset, name, table, axis, same) for name, table in tables.items()]
    order = {name: k for k, name in enumerate(dict.fromkeys(row["method"] for row in rows))}
    return sorted(rows, key=lambda row: (run.datasets.index(row["dataset"]), order[row["method"]]))


def same_reading(truth: Truth, axis: Axis) -> float:
    """Share of other images whose prompt states the same on an axis, of those that state it; nan where one does."""
    stated = truth.rows[axis.score].notna().to_numpy()
    statements = (axis.statement(parse(text, truth.judge.ontology)) for text in np.array(truth.prompts)[stated])
    often = np.array(list(Counter(statements).values()), float)
    pairs = stated.sum() * (stated.sum() - 1)
    return float((often * (often - 1)).sum() / pairs) if pairs else float("nan")


def _axis(run: Run, dataset: str, name: str, table: pd.DataFrame, axis: Axis, same: float) -> dict[str, Any]:
    truth = run.truth[dataset]
    stated = truth.rows[axis.score].notna()
    interval = corrected_interval(run, dataset, table, axis)
    # over the images whose prompt states the axis, as in the corrected score
    of_stated = table[table["image"].isin(np.array(truth.names)[stated])]
    return {
        "dataset": dataset,
        "method": name,
        "axis": axis.name,
        "coverage": float(stated.mean()),
        "strict": float(of_stated[axis.ok].mean()),
        "graded": float(of_stated[axis.score].mean()),
        "chance": float(of_stated[axis.chance].mean()),
        "ceiling": float(truth.rows[axis.score].mean()),
        **dict(zip(("corrected", "lo", "hi"), interval, strict=True)),
        "undefined": interval.undefined,
        "same_reading": same,
    }
