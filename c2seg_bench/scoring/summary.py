"""The summary of `c2seg-bench score`: means with intervals, and each axis of consistency next to its ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from c2seg_bench.seeding import seed
from metrics.catalogue import Metric, with_default
from metrics.consistency.axes import TABLE_AXES, summarise_axis
from metrics.stats import bootstrap_mean
from metrics.summary import fill_empty, summarise

if TYPE_CHECKING:
    from metrics.consistency import Evaluation


def overlap_summary(
    rows: pd.DataFrame,
    empty: str,
    metrics: Sequence[Metric] = with_default(),
    spacings: np.ndarray | None = None,
    subjects: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Per-image means with 95 % intervals, pooled Dice and IoU, and the numbers of empty masks.

    Args:
        rows: of `metrics.score_masks`, N of them.
        empty: policy for empty masks; see `metrics.summarise`.
        metrics: those that get an interval.
        spacings: (N, axes) of a pixel, as the rows were scored with; None: 1.
        subjects: of the images; images of a subject are drawn together.
    """
    steps = (1, 1) if spacings is None else spacings
    summary = summarise(rows, empty, spacing=steps)
    pooled = summarise(rows, empty, aggregation="pooled", spacing=steps)
    filled = fill_empty(rows, empty, spacing=steps)
    summary["pooled"] = {name: pooled[name] for name in ("dice", "iou")}
    summary["interval"] = {
        metric.name: list(bootstrap_mean(filled[metric.column], seed("score", "bootstrap"), subjects=subjects)[1:])
        for metric in metrics
        if not np.isnan(summary[metric.name])
    }
    return summary


def consistency_summary(
    predictions: Evaluation, targets: Evaluation, subjects: Sequence[str] | None = None
) -> dict[str, Any]:
    """Each axis of the predictions next to its ceiling, the targets under the same prompts; then each summary alone.

    Args:
        predictions, targets: verdicts on the N predictions and on the N targets, by the same prompts.
        subjects: of the images; images of a subject are drawn together.
    """
    axes: dict[str, dict[str, Any]] = {}
    bootstrap_seed = seed("score", "bootstrap")
    for axis in TABLE_AXES:
        values: dict[str, Any] = summarise_axis(axis, predictions.rows, targets.rows, bootstrap_seed, subjects=subjects)
        if "lo" in values:
            values["corrected_interval"] = [values.pop("lo"), values.pop("hi")]
        axes[axis.name] = values
    return {"axes": axes, "predictions": predictions.summary(), "targets": targets.summary()}


def json_ready(value: Any) -> Any:
    """The value in types that JSON has: NumPy's numbers as Python's, nan and infinity as None."""
    if isinstance(value, dict):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
