"""Converts masks and spacings (lists, NumPy arrays, torch tensors) to NumPy arrays, with checks."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.errors import InputError


def to_array(value: Any) -> NDArray:
    """The values as a NumPy array; a tensor may be on any device and have gradients.

    Raises:
        InputError: parts of unequal length, or not an array.
    """
    if hasattr(value, "detach"):  # a torch tensor, which need not be imported to be read
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as e:
        raise InputError(f"not an array ({' '.join(str(e).split())[:80]}); give numbers of one shape") from None
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def binary(mask: ArrayLike, name: str = "mask") -> NDArray[np.bool_]:
    """The mask as a boolean array of the same shape.

    Args:
        mask: array or tensor of any shape, bool, or numbers that are all 0 or 1.
        name: of the mask, for messages.

    Raises:
        InputError: other values than 0 and 1 (a probability map, a 0/255 image), or not an array of numbers.
    """
    array = to_array(mask)
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
    """Both masks as boolean arrays of the same shape; InputError as `binary`, or if the shapes differ."""
    first, second = binary(pred, "pred"), binary(target, "target")
    if first.shape != second.shape:
        raise InputError(f"pred is {first.shape}, target {second.shape}; resize one to the other's shape")
    return first, second


def spacing_of(spacing: ArrayLike, axes: int = 2) -> tuple[float, ...]:
    """The step of a pixel along each axis.

    Args:
        spacing: one positive number per axis, (row step, column step) of an image and (slice, row, column) of a
            volume. The default of every metric, (1, 1), is 1 along every axis of a volume too.
        axes: of the masks.

    Raises:
        InputError: another number of steps, or one that is not a positive number.
    """
    numbers = {2: "two positive numbers, (row step, column step)", 3: "three positive numbers, (slice, row, column)"}
    try:
        steps = tuple(map(float, to_array(spacing).tolist()))
    except (TypeError, ValueError):  # InputError is a ValueError
        steps = ()
    if steps == (1, 1):
        return (1.0,) * axes
    if len(steps) != axes or not all(0 < step < inf for step in steps):
        raise InputError(f"spacing {spacing!r}: give {numbers[axes]}")
    return steps


def spacings_of(spacing: ArrayLike, count: int, axes: int = 2) -> NDArray[np.float64]:
    """The steps of `count` images, (count, axes), from one spacing for all or (count, axes) of them."""
    steps = to_array(spacing)
    if steps.ndim != 2:
        return np.tile(spacing_of(spacing, axes), (count, 1))
    if len(steps) != count:
        raise InputError(f"spacing of {len(steps)} images for {count}; give one row per image, or one for all")
    return np.array([spacing_of(row, axes) for row in steps]).reshape(count, axes)
