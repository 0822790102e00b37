"""Overlap of two masks: Dice, intersection over union, and other metrics of the same pixel counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from metrics.arrays import binary_pair
from metrics.counts import PixelCounts

if TYPE_CHECKING:
    from metrics.pair import MaskPair


def dice_of(counts: PixelCounts | MaskPair) -> float:
    """Dice from pixel counts: 2 I / (A + B), 1 where both masks are empty."""
    total = counts.pred_area + counts.target_area
    return 2 * counts.inter / total if total else 1.0


def iou_of(counts: PixelCounts | MaskPair) -> float:
    """Intersection over union from pixel counts: I / (A + B - I), 1 where both masks are empty."""
    union = counts.pred_area + counts.target_area - counts.inter
    return counts.inter / union if union else 1.0


def dice(pred: ArrayLike, target: ArrayLike) -> float:
    """Dice coefficient of two masks (Dice 1945), 2 |A and B| / (|A| + |B|).

    Args:
        pred: bool or 0/1 array or tensor of any shape.
        target: the same shape.

    Returns:
        A number in [0, 1]; 1 when both masks are empty, 0 when one is.

    Raises:
        InputError: shapes differ, or values other than 0 and 1.

    >>> dice([[1, 1], [0, 0]], [[1, 0], [0, 0]])
    0.6666666666666666
    """
    return dice_of(_counts(pred, target))


def iou(pred: ArrayLike, target: ArrayLike) -> float:
    """Intersection over union of two masks (Jaccard 1901), |A and B| / |A or B|.

    Args:
        pred: bool or 0/1 array or tensor of any shape.
        target: the same shape.

    Returns:
        A number in [0, 1]; 1 when both masks are empty, 0 when one is.

    Raises:
        InputError: shapes differ, or values other than 0 and 1.

    >>> iou([[1, 1], [0, 0]], [[1, 0], [0, 0]])
    0.5
    """
    return iou_of(_counts(pred, target))


def _counts(pred: ArrayLike, target: ArrayLike) -> PixelCounts:
    a, b = binary_pair(pred, target)
    return PixelCounts(*(int(np.count_nonzero(mask)) for mask in (a & b, a, b)))


def share(part: float, whole: float) -> float:
    """part / whole; nan if the whole is 0."""
    return part / whole if whole else float("nan")


def precision_of(pair: MaskPair) -> float:
    """Share of the predicted pixels that are lesion; nan where none is predicted. Also positive predictive value."""
    return share(pair.inter, pair.pred_area)


def recall_of(pair: MaskPair) -> float:
    """Share of the lesion's pixels that are predicted; nan where there is no lesion. Also sensitivity."""
    return share(pair.inter, pair.target_area)


def specificity_of(pair: MaskPair) -> float:
    """Share of the background's pixels that are not predicted; 1 where there is no background."""
    pixels = int(np.prod(pair.shape))
    background = pixels - pair.target_area
    return (background - pair.pred_area + pair.inter) / background if background else 1.0


def iou_at_least(pair: MaskPair, threshold: float) -> float:
    """1 where the IoU is at least the threshold, else 0. Its mean is P@threshold of referring segmentation."""
    return float(iou_of(pair) >= threshold)


def area_error_of(pair: MaskPair) -> float:
    """| |A| - |B| | / |B|, the error of the predicted area relative to the target's.

    As MetricsReloaded's absolute volume difference ratio. 0 of two empty masks, nan where only the target is empty.
    """
    if not pair.pred_area and not pair.target_area:
        return 0.0
    return share(abs(pair.pred_area - pair.target_area), pair.target_area)
