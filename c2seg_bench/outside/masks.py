"""What a model returns, as a mask of the suite's size; whatever could mean something else is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.data.images.resize import resized_mask
from c2seg_bench.errors import InputError
from metrics.arrays import to_array

EXPECTED = "return (H, W) bool, 0/1, 0/255, or probabilities in [0, 1]"


def mask_of(answer: Any, shape: tuple[int, int], size: int) -> NDArray[np.bool_]:
    """The mask (size, size) of one answer for an image of `shape`: what is true, white, or more likely than 0.5.

    A mask of another size than the suite's is brought to it as the experts' masks are: where it shrinks, a pixel is
    lesion if lesion covers half of it or more.

    Args:
        answer: an array, list or tensor (H, W) of the image's shape, or (1, 1, H, W), (1, H, W) or (H, W, 1).
        shape: (H, W) of the image that was given.
        size: side of the suite's images.

    Raises:
        InputError: what is wrong with it, and what was expected.
    """
    array = to_array(answer)
    if array.dtype.kind not in "buif":
        raise InputError(f"a {type(answer).__name__} instead of a mask; {EXPECTED}")
    mask = binary(array, shape)
    return resized_mask(mask.astype(np.uint8), size).astype(bool)


def binary(array: np.ndarray, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The mask (H, W) of values as `mask_of` takes them."""
    given = array.shape
    while array.ndim > 2 and 1 in (array.shape[0], array.shape[-1]):  # a batch of one image, one channel
        array = array[0] if array.shape[0] == 1 else array[..., 0]
    if array.shape != shape:
        raise InputError(f"an array of shape {given} for an image of {shape[0]}x{shape[1]} pixels; return {shape}")
    if array.dtype.kind == "b":
        return array
    low, top = array.min(), array.max()
    if np.isnan(low):
        missing = np.isnan(array)
        how_many = "nothing but nan" if missing.all() else f"nan in {int(missing.sum())} pixels"
        raise InputError(f"{how_many}; {EXPECTED}")
    if array.dtype.kind == "f" and low >= 0 and top <= 1:
        return array > 0.5
    if ((array == 0) | (array == 1)).all():
        return array == 1
    if ((array == 0) | (array == 255)).all():
        return array == 255
    hint = "apply the sigmoid to logits" if array.dtype.kind == "f" else "255 where the lesion is"
    raise InputError(f"values from {low:.4g} to {top:.4g}; {EXPECTED} ({hint})")
