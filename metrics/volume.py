"""Distances between the surfaces of two volumes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from metrics._distances import in_planes, nearest, rows_to


def volume_distances(
    pred: NDArray[np.bool_], target: NDArray[np.bool_], spacing: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances of each mask's boundary voxels to the other's, row by row, exact.

    Boundary: foreground with a background neighbour along an axis; beyond the volume's border is background.

    Args:
        pred, target: (D, H, W), neither empty.
        spacing: three steps.
    """
    from scipy.ndimage import find_objects

    (box,) = find_objects((pred | target).view(np.uint8))
    first, second = _boundary(pred[box]), _boundary(target[box])
    return _to_nearest(first, second, spacing), _to_nearest(second, first, spacing)


def _boundary(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(D, H, W) of 0 and 1 for a mask (D, H, W), with zeros after each row, so that W is a multiple of eight."""
    framed = np.pad(mask, 1)
    inside = framed[:-2, 1:-1, 1:-1] & framed[2:, 1:-1, 1:-1] & framed[1:-1, :-2, 1:-1] & framed[1:-1, 2:, 1:-1]
    inside &= framed[1:-1, 1:-1, :-2] & framed[1:-1, 1:-1, 2:]
    return np.pad(mask & ~inside, ((0, 0), (0, 0), (0, -mask.shape[2] % 8))).view(np.uint8)


def _to_nearest(edge: NDArray[np.uint8], other: NDArray[np.uint8], spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """Nearest voxel along the slices, then over the rows of a slice, then over the columns as in an image."""
    slices = rows_to(other.reshape(len(other), -1)).reshape(other.shape)
    width, (slice_step, row_step, column_step) = edge.shape[2], spacing
    rows = in_planes(slices, slice_step, row_step).reshape(-1, width)
    distances = np.empty(np.count_nonzero(edge))
    nearest(edge.reshape(-1, width), rows, np.inf, np.array([1.0, column_step]), distances)
    return distances
