"""Where the lungs are in each image, measured from masks of the lungs, as shares of the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import to_array
from metrics.errors import InputError

SPECK = 0.05  # smaller components, as a share of the largest, are not lungs
SIDE = 0.1  # a side with less than this share of all lung pixels has no lung
OVERLAP = 0.5  # share of the narrower one's columns; two lungs are side by side if they overlap less


@dataclass(frozen=True, eq=False)
class Extents:
    """The lungs of N images.

    Args:
        rows: (N, 2, 2) float, [image's left, image's right][top, bottom], shares of the height from the top.
        midline: (N,) float, share of the width from the image's left.
    """

    rows: NDArray[np.float64]
    midline: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.midline)


def extents_of_masks(lungs: Sequence[ArrayLike], midline: float) -> Extents:
    """Extents of the lungs in N masks (H, W) of any shapes, nonzero on the lungs.

    Components (8-neighbours) below 5 % of the largest are ignored. The midline is halfway between the two largest if
    these are side by side, else `midline`. A side's rows go from its first to its last pixel of lung; a side with
    less than a tenth of the lungs takes the rows of the other.

    Raises:
        InputError: a mask is not (H, W), or is empty; the message has its position.
    """
    extents = [_extent(mask, midline, f"lung mask {i}") for i, mask in enumerate(lungs)]
    return Extents(
        np.array([rows for rows, _ in extents]).reshape(-1, 2, 2), np.array([middle for _, middle in extents], float)
    )


def _extent(mask: ArrayLike, midline: float, description: str) -> tuple[NDArray[np.float64], float]:
    """Rows (2, 2) and midline of one mask; `description` is for messages."""
    from scipy.ndimage import find_objects, label

    array = to_array(mask)
    if array.ndim != 2:
        raise InputError(f"{description} has shape {array.shape}; give a mask (H, W)")
    labels, n = label(array != 0, np.ones((3, 3)))
    if not n:
        raise InputError(f"{description} has no lung in it; give one that is not 0 on the lungs")
    sizes = np.bincount(labels.ravel(), minlength=n + 1)[1:]
    order = np.argsort(-sizes, kind="stable")
    height, width = array.shape
    if n > 1 and sizes[order[1]] >= SPECK * sizes[order[0]]:
        boxes = find_objects(labels)
        spans = sorted((boxes[k][1].start, boxes[k][1].stop) for k in order[:2])
        (start, stop), (next_start, next_stop) = spans
        if min(stop, next_stop) - next_start < OVERLAP * min(stop - start, next_stop - next_start):
            midline = (stop + next_start) / 2 / width
    kept = np.isin(labels, np.flatnonzero(sizes >= SPECK * sizes.max()) + 1)
    left = (np.arange(width) + 0.5) / width <= midline
    sides = [kept[:, left], kept[:, ~left]]
    rows = [_span(side) / height for side in sides if side.sum() >= SIDE * kept.sum()]
    return np.array([rows[0], rows[-1]]), midline


def _span(side: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(2,) first row with lung, and the one after the last."""
    rows = np.flatnonzero(side.any(axis=1))
    return np.array([rows[0], rows[-1] + 1], float)
