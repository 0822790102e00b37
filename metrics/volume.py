"""Distances between the surfaces of two volumes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def volume_distances(
    pred: NDArray[np.bool_], target: NDArray[np.bool_], spacing: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances of each mask's boundary voxels to the other's, by scipy's exact transform of the box that both need.

    Boundary: foreground with a background neighbour along an axis; beyond the volume's border is background.

    Args:
        pred, target: (D, H, W), neither empty.
        spacing: three steps.
    """
    from scipy.ndimage import binary_erosion, distance_transform_edt, find_objects

    (box,) = find_objects((pred | target).view(np.uint8))
    edges = []
    for mask in (pred[box], target[box]):
        inside = binary_erosion(np.pad(mask, 1))[(slice(1, -1),) * 3]
        edges.append(mask & ~inside)
    first, second = edges
    return (
        distance_transform_edt(~second, sampling=spacing)[first],
        distance_transform_edt(~first, sampling=spacing)[second],
    )
