"""Converts masks, values and spacings (lists, NumPy arrays, torch tensors) to NumPy arrays, with checks."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.errors import InputError

LONGEST = 80  # characters of a value, or of another library's error, in a message


def to_array(value: Any) -> NDArray:
    """The values as a NumPy array; a tensor may be on any device and have gradients.

    Raises:
        InputError: parts of unequal length, or not an array.
    """
    try:
        array = np.asarray(_without_torch(value))
    except (TypeError, ValueError, RuntimeError) as e:
        raise InputError(f"not an array ({_in_one_line(e)}); give numbers of one shape") from None
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def numbers(values: Any, name: str) -> NDArray[np.float64]:
    """The values as float64, of the same shape; None becomes nan.

    Args:
        values: array, list or tensor of any shape.
        name: of the values, for messages.

    Raises:
        InputError: parts of unequal length, complex numbers, or not numbers.
    """
    try:
        plain = _without_torch(values)
        if np.iscomplexobj(plain):
            raise TypeError("complex numbers")
        return np.asarray(plain, float)
    except (TypeError, ValueError, RuntimeError) as e:
        raise InputError(f"{name}: not an array of numbers ({_in_one_line(e)}); give numbers of one shape") from None


def _without_torch(value: Any) -> Any:
    """A tensor on the CPU, without gradients, in a type that NumPy has; anything else as it is."""
    if not hasattr(value, "detach"):  # torch need not be imported to read a tensor
        return value
    value = value.detach().cpu()
    return value.float() if str(value.dtype) == "torch.bfloat16" else value


def shown(value: Any) -> str:
    """The value for a message: in one line, and not too long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:LONGEST]


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
    expected = {2: "two positive numbers, (row step, column step)", 3: "three positive numbers, (slice, row, column)"}
    try:
        steps = tuple(map(float, to_array(spacing).tolist()))
    except (TypeError, ValueError):  # InputError is a ValueError
        steps = ()
    if steps == (1, 1):
        return (1.0,) * axes
    if len(steps) != axes or not all(0 < step < inf for step in steps):
        raise InputError(f"spacing {shown(spacing)}: give {expected[axes]}")
    return steps


def spacings_of(spacing: ArrayLike, count: int, axes: int = 2) -> NDArray[np.float64]:
    """The steps of `count` images, (count, axes), from one spacing for all or (count, axes) of them.

    Raises:
        InputError: as `spacing_of`, or a number of rows that is not `count`.
    """
    steps = to_array(spacing)
    if steps.ndim != 2:
        return np.tile(spacing_of(spacing, axes), (count, 1))
    if len(steps) != count:
        raise InputError(f"spacing of {len(steps)} images for {count}; give one row per image, or one for all")
    return np.array([spacing_of(row, axes) for row in steps]).reshape(count, axes)
