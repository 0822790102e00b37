"""Many pairs of masks at once: one row per image, and the summary of the rows under a named empty-mask policy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metrics import _kernel
from metrics.boundary import mask_pair, spacing_pair
from metrics.errors import InputError
from metrics.overlap import dice_of, iou_of

COLUMNS = ("dice", "iou", "hd95", "assd", "pred_empty", "target_empty")
COUNTS = ("inter", "pred_area", "target_area", "height", "width")
POLICIES = ("diagonal", "skip", "nan")
AGGREGATIONS = ("per-image", "pooled")
CHUNK = 32  # pairs a thread takes at once


def score_masks(
    preds: Sequence[ArrayLike] | NDArray,
    targets: Sequence[ArrayLike] | NDArray,
    spacing: ArrayLike = (1, 1),
    workers: int | None = None,
) -> pd.DataFrame:
    """Overlap and boundary distance of many pairs of masks.

    Args:
        preds: (N, H, W) bool or 0/1, or a list of N such pictures (H, W), which may differ in shape.
        targets: as many; each of the shape of its prediction.
        spacing: (row step, column step) of a pixel, in any unit, the same for all images.
        workers: threads; by default as many as there are cores. The result does not depend on it.

    Returns:
        N rows, in the order given, with float columns `dice`, `iou` (1 where both masks are empty), `hd95` (pooled),
        `assd` (unit of `spacing`, nan where one or both are empty), int columns `pred_empty`, `target_empty` (0 or
        1), and for pooled scores and the empty-mask policy `inter`, `pred_area`, `target_area`, `height`, `width`
        in pixels.

    Raises:
        InputError: unequal numbers of masks, or a pair that the scores cannot be taken of; names its position.
    """
    for name, masks in (("preds", preds), ("targets", targets)):
        if isinstance(masks, np.ndarray) and masks.ndim != 3 and masks.dtype != object:
            raise InputError(f"{name} have shape {masks.shape}; give (N, H, W), or a list of pictures (H, W)")
    if len(preds) != len(targets):
        raise InputError(f"{len(preds)} preds and {len(targets)} targets; give one of each per image")
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}; give 1 or more")
    steps = spacing_pair(spacing)
    raw = np.empty((len(preds), 7))

    def score_chunk(start: int) -> None:
        for i in range(start, min(start + CHUNK, len(preds))):
            try:
                raw[i] = score_pair(preds[i], targets[i], steps)
            except InputError as e:
                raise InputError(f"image {i} (counted from 0): {e}") from None

    starts = range(0, len(preds), CHUNK)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        list(pool.map(score_chunk, starts))
    return frame_of(raw)


def score_pair(pred: ArrayLike, target: ArrayLike, spacing: tuple[float, float] = (1.0, 1.0)) -> NDArray[np.float64]:
    """(inter, pred area, target area, hd95, assd, height, width) of one pair; rows of these are for `frame_of`."""
    first, second = mask_pair(pred, target)
    out = np.empty(7)
    out[5:] = first.shape
    _kernel.score(first, second, spacing[0], spacing[1], out)
    return out


def frame_of(raw: NDArray[np.float64]) -> pd.DataFrame:
    """The table of `score_masks` from the rows (N, 7) of `score_pair`."""
    inter, pred_area, target_area, hd95, assd, height, width = np.asarray(raw, float).reshape(-1, 7).T
    values = {
        "dice": dice_of(inter, pred_area, target_area),
        "iou": iou_of(inter, pred_area, target_area),
        "hd95": hd95,
        "assd": assd,
        "pred_empty": pred_area == 0,
        "target_empty": target_area == 0,
        "inter": inter,
        "pred_area": pred_area,
        "target_area": target_area,
        "height": height,
        "width": width,
    }
    whole = ("pred_empty", "target_empty", *COUNTS)
    return pd.DataFrame({name: v.astype(np.int64) if name in whole else v for name, v in values.items()})


def fill_empty(
    frame: pd.DataFrame,
    empty: str = "diagonal",
    shape: tuple[int, int] | None = None,
    spacing: ArrayLike = (1, 1),
) -> pd.DataFrame:
    """The rows with `hd95` and `assd` of empty masks set by the policy.

    Args:
        frame: rows of `score_masks`.
        empty: "diagonal": the image's diagonal where one mask is empty, 0 where both are; "skip" and "nan": left
            nan, to be dropped from the mean or to carry through to it.
        shape: (H, W) of all images; by default the columns `height` and `width`.
        spacing: as given to `score_masks`, so that the diagonal is in the unit of the distances.

    Raises:
        InputError: an unknown policy, a column that is not there.
    """
    if empty not in POLICIES:
        raise InputError(f"empty-mask policy {empty!r}: there are {', '.join(POLICIES)}")
    need(frame, COLUMNS if shape or empty != "diagonal" else (*COLUMNS, "height", "width"))
    frame = frame.copy()
    if empty == "diagonal":
        row_step, column_step = spacing_pair(spacing)
        height, width = shape or (frame["height"], frame["width"])
        diagonal = np.hypot(np.multiply(height, row_step), np.multiply(width, column_step))
        pred, target = frame["pred_empty"] == 1, frame["target_empty"] == 1
        for name in ("hd95", "assd"):
            values = np.where(pred ^ target, diagonal, frame[name])
            frame[name] = np.where(pred & target, 0.0, values)
    return frame


def summarise(
    frame: pd.DataFrame,
    empty: str = "diagonal",
    shape: tuple[int, int] | None = None,
    aggregation: str = "per-image",
    spacing: ArrayLike = (1, 1),
) -> dict[str, Any]:
    """Means over images, with what became of images that have an empty mask.

    Args:
        frame: rows of `score_masks`, N of them.
        empty: what `hd95` and `assd` of an empty mask count as; see `fill_empty`. Dice and IoU do not depend on it.
        shape: (H, W) of all images; by default the columns `height` and `width`.
        aggregation: "per-image" means, or "pooled": Dice and IoU from the pixels of all images together, as if they
            were one (the two kinds are not comparable). Distances are per-image means in either.
        spacing: as given to `score_masks`.

    Returns:
        `n`; `dice`, `iou` in [0, 1]; `hd95`, `assd` in the unit of `spacing`, nan where no image has one;
        `n_distance` images in these two; `aggregation`, `empty`; and the images that the policy touched:
        `only_pred_empty`, `only_target_empty`, `both_empty`. For no rows the means are nan.

    Raises:
        InputError: an unknown policy or aggregation, a column that is not there.
    """
    if aggregation not in AGGREGATIONS:
        raise InputError(f"aggregation {aggregation!r}: there are {', '.join(AGGREGATIONS)}")
    filled = fill_empty(frame, empty, shape, spacing)
    pred, target = filled["pred_empty"] == 1, filled["target_empty"] == 1
    if aggregation == "pooled" and len(filled):
        need(filled, COUNTS[:3])
        sums = [filled[name].sum() for name in COUNTS[:3]]
        overlap = {"dice": float(dice_of(*sums)), "iou": float(iou_of(*sums))}
    else:
        overlap = {name: float(filled[name].mean()) for name in ("dice", "iou")}
    distance = {name: float(filled[name].mean(skipna=empty == "skip")) for name in ("hd95", "assd")}
    return {
        "n": len(filled),
        **overlap,
        **distance,
        "n_distance": int(filled["hd95"].notna().sum()),
        "aggregation": aggregation,
        "empty": empty,
        "only_pred_empty": int((pred & ~target).sum()),
        "only_target_empty": int((target & ~pred).sum()),
        "both_empty": int((pred & target).sum()),
    }


def need(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """InputError that names the columns which the table lacks."""
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise InputError(f"the table has no column {', '.join(missing)}; give the rows of score_masks")
