"""Scores many pairs of masks, one row per image."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import spacings_of, to_array
from metrics.catalogue import DEFAULT, Metric, with_default
from metrics.errors import InputError
from metrics.measuring import Workspace, measure
from metrics.pair import MaskPair

FLAGS = ("pred_empty", "target_empty")
COUNTS = ("inter", "pred_area", "target_area", "height", "width")
CHUNK = 8  # pairs that a thread measures at once, at most


def score_masks(
    preds: Iterable[ArrayLike] | NDArray,
    targets: Iterable[ArrayLike] | NDArray,
    spacing: ArrayLike = (1, 1),
    workers: int | None = None,
    metrics: Sequence[str] = (),
) -> pd.DataFrame:
    """Overlap and boundary distance of many pairs of masks.

    Args:
        preds: (N, H, W) or (N, 1, H, W) bool or 0/1, arrays or tensors, or a list or generator of N images (H, W),
            which may differ in shape. Volumes are (N, D, H, W), or N of (D, H, W).
        targets: as many; each of the shape of its prediction.
        spacing: step of a pixel along each axis, in any unit, the same for all images; or (N, axes), a row for each.
        workers: threads; by default as many as there are cores. The result does not depend on it.
        metrics: names of further metrics (`metrics.catalogue`).

    Returns:
        N rows, in the order given, with float columns `dice`, `iou` (1 where both masks are empty), `hd95` (pooled),
        `assd` (unit of `spacing`, nan where one or both are empty), int columns `pred_empty`, `target_empty` (0 or
        1), and for pooled scores and the empty-mask policy `inter`, `pred_area`, `target_area`, `height`, `width`
        in pixels (and `depth` of volumes); then one column for each of `metrics` that is not among these.

    Raises:
        InputError: unequal numbers of masks, an unknown metric, or a pair that cannot be scored; names its position.
    """
    preds, targets = mask_sequence(preds, "preds"), mask_sequence(targets, "targets")
    if len(preds) != len(targets):
        raise InputError(f"{len(preds)} preds and {len(targets)} targets; give one of each per image")
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}; give 1 or more")
    workers = workers or os.cpu_count() or 1
    axes = _axes_of_first(preds)
    steps, chosen = spacings_of(spacing, len(preds), axes if axes in (2, 3) else 2), with_default(metrics)
    turns = ceil(len(preds) / workers / CHUNK) or 1  # of each thread
    size = ceil(len(preds) / workers / turns) or 1  # pairs per turn, as equal as possible
    workspace = Workspace()

    def score_chunk(start: int) -> list[dict[str, float]]:
        rows = range(start, min(start + size, len(preds)))
        pairs = [_pair(preds[i], targets[i], steps[i], axes, i) for i in rows]
        measured = measure([pair.masks for pair in pairs], [pair.spacing for pair in pairs], workspace)
        for pair, measurement in zip(pairs, measured, strict=True):
            pair.measured = measurement
        return [scores_of(pair, chosen) for pair in pairs]

    with ThreadPoolExecutor(workers) as pool:
        chunks = list(pool.map(score_chunk, range(0, len(preds), size)))
    return table_of([row for chunk in chunks for row in chunk], chosen)


def _axes_of_first(preds: Sequence[ArrayLike] | NDArray) -> int:
    """The number of axes of image 0, which all others must have; 2 if there is none."""
    try:
        return to_array(preds[0]).ndim if len(preds) else 2
    except InputError as e:
        raise InputError(f"image 0 (counted from 0): pred: {e}") from None


def _pair(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike, axes: int, i: int) -> MaskPair:
    """Pair i, which must have as many axes as the first; errors name its position."""
    try:
        pair = MaskPair(pred, target, spacing)
        if len(pair.shape) != axes:
            raise InputError(f"masks have {len(pair.shape)} axes, those of image 0 have {axes}")
        return pair
    except InputError as e:
        raise InputError(f"image {i} (counted from 0): {e}") from None


def mask_sequence(masks: Iterable[ArrayLike] | NDArray, name: str) -> Sequence[ArrayLike] | NDArray:
    """The masks as a sequence of (H, W) or (D, H, W): an array along its first axis, without a single channel.

    Args:
        masks: as in `score_masks`.
        name: of the masks, for messages.

    Raises:
        InputError: another number of axes, or no sequence of masks.
    """
    if not hasattr(masks, "ndim"):
        if not isinstance(masks, Iterable) or isinstance(masks, str | bytes):
            raise InputError(f"{name} are of type {type(masks).__name__}; give (N, H, W), or a list of images (H, W)")
        return list(masks)
    array = to_array(masks)
    if array.dtype == object and array.ndim == 1:
        return array
    if array.ndim not in (3, 4):
        raise InputError(f"{name} have shape {array.shape}; give (N, H, W), or a list of images (H, W)")
    return array[:, 0] if array.ndim == 4 and array.shape[1] == 1 else array


def score_pair(
    pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1), metrics: Iterable[Metric] = with_default()
) -> dict[str, float]:
    """Column -> value of one pair: the metrics, the flags of empty masks, and pixel counts. Rows for `table_of`."""
    return scores_of(MaskPair(pred, target, spacing), metrics)


def scores_of(pair: MaskPair, metrics: Iterable[Metric]) -> dict[str, float]:
    """As `score_pair`, of a pair that may be measured already."""
    values = {metric.column: metric.function(pair) for metric in metrics if metric.function}
    size = dict(zip(("width", "height", "depth"), reversed(pair.shape), strict=False))
    return {
        **values,
        "pred_empty": pair.pred_area == 0,
        "target_empty": pair.target_area == 0,
        "inter": pair.inter,
        "pred_area": pair.pred_area,
        "target_area": pair.target_area,
        **size,
    }


def table_of(rows: Sequence[Mapping[str, float]], metrics: Iterable[Metric] = with_default()) -> pd.DataFrame:
    """The table of `score_masks` from rows of `score_pair`."""
    further = [metric.column for metric in metrics if metric.name not in DEFAULT]
    whole_numbers = (*FLAGS, *COUNTS, *(["depth"] if any("depth" in row for row in rows) else []))
    types = (
        dict.fromkeys(DEFAULT, np.float64) | dict.fromkeys(whole_numbers, np.int64) | dict.fromkeys(further, np.float64)
    )
    return pd.DataFrame({name: np.array([row[name] for row in rows], kind) for name, kind in types.items()})
