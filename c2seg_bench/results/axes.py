"""axes.csv: consistency axis by axis of the methods, of the experts' masks, and of predictors that never look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.results.intervals import corrected_interval
from c2seg_bench.results.run import Run
from metrics.consistency import constant_masks
from metrics.consistency.axes import TABLE_AXES, Axis

TRUTH = "ground truth"


def axes(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, predictor and axis that some prompt states."""
    rows = []
    for dataset in run.datasets:
        for name, table in _predictors(run, dataset).items():
            rows += [_axis(run, dataset, name, table, axis) for axis in TABLE_AXES]
    return [row for row in rows if row["coverage"] > 0]


def _predictors(run: Run, dataset: str) -> dict[str, pd.DataFrame]:
    """Name of a row -> verdicts of its masks; columns as scores.parquet has them."""
    truth = run.truth[dataset]
    tables = {label: run.clean(dataset, label) for label in run.labels}
    tables[TRUTH] = truth.rows.assign(seed=0, image=truth.names)
    cache = run.cache(dataset)
    for name, mask in constant_masks(cache.masks[cache.rows("train")]).items():
        same = np.broadcast_to(mask, truth.masks.shape)
        verdicts = truth.judge.rows(same, truth.prompts, truth.cache_rows)
        tables[name] = verdicts.assign(seed=0, image=truth.names)
    return tables


def _axis(run: Run, dataset: str, name: str, table: pd.DataFrame, axis: Axis) -> dict[str, Any]:
    truth = run.truth[dataset]
    stated = truth.rows[axis.score].notna()
    corrected = corrected_interval(run, dataset, table, axis) if stated.any() else (np.nan,) * 3
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
        **dict(zip(("corrected", "lo", "hi"), corrected, strict=True)),
    }
