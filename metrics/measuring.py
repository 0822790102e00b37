"""Measures many pairs of masks in one call: pixel counts, and distances between the outlines."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics._counting import count
from metrics._distances import distances
from metrics.counts import PixelCounts
from metrics.volume import volume_distances

Masks = tuple[NDArray[np.bool_], NDArray[np.bool_]]  # prediction and target, of one shape


class Measured(NamedTuple):
    """Pixel counts of a pair, and the distances from pred's boundary, from target's, and both in one array."""

    counts: PixelCounts
    from_pred: NDArray[np.float64]
    from_target: NDArray[np.float64]
    pooled: NDArray[np.float64]


class Workspace(threading.local):
    """Memory of each thread that is reused by `measure`, because the first write to new memory is slow.

    Each `measure` overwrites the distances of the one before.
    """

    def __init__(self) -> None:
        self._masks, self._distances = np.empty(0, np.bool_), np.empty(0)

    def packed(self, masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.uint8]:
        """The masks one after another, each row by row, as 0 and 1."""
        size = sum(mask.size for mask in masks)
        if self._masks.size < size:
            self._masks = np.empty(size, np.bool_)
        memory, start = self._masks.data, 0  # unlike NumPy, a memoryview keeps Python's lock while it copies
        for mask in masks:
            memory[start : start + mask.size] = mask.ravel().data
            start += mask.size
        return self._masks[:size].view(np.uint8)

    def distances(self, size: int) -> NDArray[np.float64]:
        """Memory for at least `size` distances."""
        if self._distances.size < size:
            self._distances = np.empty(size)
        return self._distances


def measure(
    pairs: Sequence[Masks], spacings: Sequence[tuple[float, ...]], workspace: Workspace | None = None
) -> list[Measured]:
    """Measure one or more pairs of masks, all of images or all of volumes.

    Nearly all time is spent in loops without the GIL, so that threads can share the work. For images one loop measures
    all pairs, because waiting for the GIL takes longer than the rest of the work for a pair.

    Args:
        pairs: prediction and target, (H, W) or (D, H, W), of any size.
        spacings: of each pair, one step per axis.
        workspace: memory to reuse; the distances are then valid until the next call.
    """
    workspace = workspace or Workspace()
    masks = workspace.packed(list(chain.from_iterable(pairs)))
    sizes = np.array([(len(pred), pred.size // max(len(pred), 1)) for pred, _ in pairs])
    counts, boxes = count(masks, sizes)
    each = [PixelCounts(*row) for row in counts.tolist()]
    if pairs[0][0].ndim == 3:
        return [_measured_volume(*volume) for volume in zip(pairs, spacings, each, strict=True)]
    pooled = workspace.distances(int(counts[:, 1:].sum()))
    bounds = distances(masks, sizes, counts, boxes, np.array(spacings), pooled)
    return [
        Measured(numbers, pooled[start:middle], pooled[middle:end], pooled[start:end])
        for numbers, (start, middle, end) in zip(each, bounds.tolist(), strict=True)
    ]


def _measured_volume(masks: Masks, spacing: tuple[float, ...], counts: PixelCounts) -> Measured:
    has_both = counts.pred_area and counts.target_area
    both = volume_distances(*masks, spacing) if has_both else (np.empty(0), np.empty(0))
    return Measured(counts, *both, np.concatenate(both))
