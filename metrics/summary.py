"""The summary of a table of per-image scores, under a policy for images that have an empty mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import numbers, shown, spacings_of
from metrics.catalogue import DEFAULT, POLICIES, Metric, find
from metrics.counts import PixelCounts
from metrics.errors import InputError
from metrics.overlap import dice_of, iou_of
from metrics.table import COUNTS, FLAGS

POOLED = {"dice": dice_of, "iou": iou_of}  # metrics that can be taken of all images' pixels together
AGGREGATIONS = ("per-image", "pooled")


def metrics_in(table: pd.DataFrame) -> tuple[Metric, ...]:
    """The metrics of masks that the table has a column for, in the order of its columns."""
    return tuple(metric for metric in map(find, map(str, table.columns)) if metric)


def fill_empty(
    frame: pd.DataFrame,
    empty: str = "diagonal",
    shape: tuple[int, ...] | None = None,
    spacing: ArrayLike = (1, 1),
) -> pd.DataFrame:
    """The rows with the metrics that an empty mask leaves undefined (`hd95`, `assd`) set by the policy.

    Args:
        frame: rows of `score_masks`.
        empty: "diagonal": what the metric's entry says, for distances the image's diagonal where one mask is empty and
            0 where both are; "skip" and "nan": left nan, to be dropped from the mean or to carry through to it.
        shape: (H, W) or (D, H, W) of all images; by default the columns `depth`, `height` and `width`.
        spacing: as given to `score_masks`, so that the diagonal is in the unit of the distances.

    Returns:
        A table with the same rows and columns; the given one is not changed.

    Raises:
        InputError: an unknown policy, a shape that is none, a spacing that is not positive, a column that is not there.
    """
    if empty not in POLICIES:
        raise InputError(f"empty-mask policy {empty!r}: there are {', '.join(POLICIES)}")
    need(frame, FLAGS if shape is not None or empty != "diagonal" else (*FLAGS, "height", "width"))
    frame = frame.copy(deep=False)  # whole columns are replaced below
    if empty == "diagonal":
        sizes = _sizes(frame, shape)
        steps = spacings_of(spacing, len(frame), sizes.shape[1])
        diagonal = np.sqrt(((sizes * steps) ** 2).sum(axis=1))
        pred, target = ((frame[name] == 1).to_numpy() for name in FLAGS)
        for metric in metrics_in(frame):
            frame[metric.column] = metric.filled(frame[metric.column], pred, target, diagonal)
    return frame


def _sizes(frame: pd.DataFrame, shape: ArrayLike | None) -> NDArray[np.float64]:
    """(N, axes) pixels of each image along each axis."""
    if shape is None:
        return frame[["depth", "height", "width"] if "depth" in frame else ["height", "width"]].to_numpy(float)
    size = numbers(shape, "shape")
    if size.shape not in ((2,), (3,)) or not (size >= 0).all():
        raise InputError(f"shape {shown(shape)}: give (H, W) or (D, H, W) in pixels")
    return np.tile(size, (len(frame), 1))


def summarise(
    frame: pd.DataFrame,
    empty: str = "diagonal",
    shape: tuple[int, ...] | None = None,
    aggregation: str = "per-image",
    spacing: ArrayLike = (1, 1),
) -> dict[str, Any]:
    """Means over images, with what became of images that have an empty mask.

    Args:
        frame: rows of `score_masks`, N of them.
        empty: what metrics that an empty mask leaves undefined count as; see `fill_empty`.
        shape: (H, W) or (D, H, W) of all images; by default the columns `depth`, `height` and `width`.
        aggregation: "per-image" means, or "pooled": Dice and IoU from the pixels of all images together, as if they
            were one (the two kinds are not comparable). Other metrics are per-image means in either.
        spacing: as given to `score_masks`.

    Returns:
        `n`; the mean of each metric in the table, shares in [0, 1], distances in the unit of `spacing`, nan where no
        image has one; `n_distance` images with an `hd95`; `aggregation`, `empty`; and the images that the policy
        touched: `only_pred_empty`, `only_target_empty`, `both_empty`. For no rows the means are nan.

    Raises:
        InputError: an unknown aggregation, or as `fill_empty`.
    """
    if aggregation not in AGGREGATIONS:
        raise InputError(f"aggregation {aggregation!r}: there are {', '.join(AGGREGATIONS)}")
    need(frame, DEFAULT)
    filled = fill_empty(frame, empty, shape, spacing)
    pred, target = (filled[name] == 1 for name in FLAGS)
    means = {
        metric.name: float(filled[metric.column].mean(skipna=metric.empty is None or empty == "skip"))
        for metric in metrics_in(filled)
    }
    if aggregation == "pooled" and len(filled):
        need(filled, COUNTS[:3])
        sums = [int(filled[name].sum()) for name in COUNTS[:3]]
        means |= {name: function(PixelCounts(*sums)) for name, function in POOLED.items()}
    return {
        "n": len(filled),
        **means,
        "n_distance": int(filled["hd95"].notna().sum()),
        "aggregation": aggregation,
        "empty": empty,
        "only_pred_empty": int((pred & ~target).sum()),
        "only_target_empty": int((target & ~pred).sum()),
        "both_empty": int((pred & target).sum()),
    }


def need(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """InputError if the table lacks some of these columns; the message names them."""
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise InputError(f"the table has no column {', '.join(missing)}; give the rows of score_masks")
