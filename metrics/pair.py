"""Two masks of one picture, measured once and read by every metric."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics import _kernel
from metrics.errors import InputError
from metrics.overlap import binary_pair


def spacing_pair(spacing: ArrayLike) -> tuple[float, float]:
    """The spacing as (row step, column step); InputError where it is not two positive numbers."""
    try:
        steps = np.asarray(spacing, float)
    except (TypeError, ValueError):
        steps = np.empty(0)
    if steps.shape != (2,) or not np.isfinite(steps).all() or (steps <= 0).any():
        raise InputError(f"spacing {spacing!r}: give two positive numbers, (row step, column step)")
    return float(steps[0]), float(steps[1])


class MaskPair:
    """A predicted and a target mask with what metrics read from them: pixel counts and boundary distances.

    Args:
        pred: (H, W) bool or 0/1.
        target: (H, W) bool or 0/1.
        spacing: (row step, column step) of a pixel, in any unit.

    Attributes:
        inter, pred_area, target_area: pixels in both masks, in the prediction, in the target.
        shape: (H, W).

    Raises:
        InputError: shapes differ, not two axes, values other than 0 and 1, a spacing that is not positive.
    """

    def __init__(self, pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)):
        first, second = binary_pair(pred, target)
        if first.ndim != 2:
            raise InputError(f"masks have {first.ndim} axes, shape {first.shape}; give one picture (H, W) at a time")
        self.spacing = spacing_pair(spacing)
        self.shape: tuple[int, int] = first.shape
        # a read-only array is another type to numba, and would be compiled for once more
        first, second = (np.require(m, requirements=["C", "W"]) for m in (first, second))
        self._masks = first.view(np.uint8), second.view(np.uint8)
        (self.inter, self.pred_area, self.target_area), self._box = _kernel.box(*self._masks)

    @cached_property
    def distances(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances of each mask's boundary pixels to the other's boundary; of length 0 where a mask is empty."""
        if not (self.pred_area and self.target_area):
            return np.empty(0), np.empty(0)
        pred, target = self._masks
        top, bottom, left, right = self._box
        both, n = _kernel.distances(pred, target, top, bottom, left, right, *self.spacing)
        return both[:n], both[n:]

    @cached_property
    def pooled(self) -> NDArray[np.float64]:
        """Both directions' distances in one array, the prediction's first."""
        return np.concatenate(self.distances)
