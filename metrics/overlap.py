"""Overlap of two masks: Dice and intersection over union."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.errors import InputError


def binary(mask: ArrayLike, name: str = "mask") -> NDArray[np.bool_]:
    """The mask as a boolean array of the same shape.

    Args:
        mask: array of any shape, bool, or numbers that are all 0 or 1.
        name: what to call it in the error.

    Raises:
        InputError: other values than 0 and 1 (a probability map, a 0/255 picture), or not an array of numbers.
    """
    array = np.asarray(mask)
    if array.dtype == np.bool_:
        return array
    if array.dtype.kind not in "uif":
        raise InputError(f"{name}: values of type {array.dtype}; give a bool or 0/1 array")
    result = array != 0
    wrong = array[result & (array != 1)]
    if wrong.size:
        raise InputError(f"{name}: value {wrong.flat[0]} is neither 0 nor 1; threshold it first (mask > 0.5)")
    return result


def binary_pair(pred: ArrayLike, target: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Both masks as boolean arrays of one shape; InputError where they are not."""
    first, second = binary(pred, "pred"), binary(target, "target")
    if first.shape != second.shape:
        raise InputError(f"pred is {first.shape}, target {second.shape}; resize one to the other's shape")
    return first, second


def dice_of(inter: ArrayLike, pred_area: ArrayLike, target_area: ArrayLike) -> NDArray:
    """Dice from pixel counts (numbers or arrays of one shape): 2 I / (A + B), 1 where both masks are empty."""
    total = np.asarray(pred_area, float) + np.asarray(target_area, float)
    return np.where(total > 0, 2 * np.asarray(inter, float) / np.maximum(total, 1), 1.0)


def iou_of(inter: ArrayLike, pred_area: ArrayLike, target_area: ArrayLike) -> NDArray:
    """Intersection over union from pixel counts: I / (A + B - I), 1 where both masks are empty."""
    union = np.asarray(pred_area, float) + np.asarray(target_area, float) - np.asarray(inter, float)
    return np.where(union > 0, np.asarray(inter, float) / np.maximum(union, 1), 1.0)


def dice(pred: ArrayLike, target: ArrayLike) -> float:
    """Dice coefficient of two masks (Dice 1945), 2 |A and B| / (|A| + |B|).

    Args:
        pred: bool or 0/1 array of any shape.
        target: the same shape.

    Returns:
        A number in [0, 1]; 1 when both masks are empty, 0 when one is.

    Raises:
        InputError: shapes differ, or values other than 0 and 1.

    >>> dice([[1, 1], [0, 0]], [[1, 0], [0, 0]])
    0.6666666666666666
    """
    a, b = binary_pair(pred, target)
    return float(dice_of(np.count_nonzero(a & b), np.count_nonzero(a), np.count_nonzero(b)))


def iou(pred: ArrayLike, target: ArrayLike) -> float:
    """Intersection over union of two masks (Jaccard 1901), |A and B| / |A or B|.

    Args:
        pred: bool or 0/1 array of any shape.
        target: the same shape.

    Returns:
        A number in [0, 1]; 1 when both masks are empty, 0 when one is.

    Raises:
        InputError: shapes differ, or values other than 0 and 1.

    >>> iou([[1, 1], [0, 0]], [[1, 0], [0, 0]])
    0.5
    """
    a, b = binary_pair(pred, target)
    return float(iou_of(np.count_nonzero(a & b), np.count_nonzero(a), np.count_nonzero(b)))
