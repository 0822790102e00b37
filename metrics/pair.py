"""Two masks of one picture, measured once and read by every metric."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics import _kernel
from metrics.arrays import binary_pair, spacing_of
from metrics.errors import InputError


class MaskPair:
    """A predicted and a target mask with what metrics read from them: pixel counts, boundary distances, lesions.

    Args:
        pred: (H, W), or (D, H, W) of a volume, bool or 0/1.
        target: the same shape.
        spacing: step of a pixel along each axis, in any unit.

    Attributes:
        inter, pred_area, target_area: pixels in both masks, in the prediction, in the target.
        shape: of either mask.

    Raises:
        InputError: shapes differ, not two or three axes, values other than 0 and 1, a spacing that is not positive.
    """

    def __init__(self, pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)):
        first, second = binary_pair(pred, target)
        if first.ndim not in (2, 3):
            raise InputError(
                f"masks have {first.ndim} axes, shape {first.shape}; give one picture (H, W) or volume (D, H, W)"
            )
        self.spacing = spacing_of(spacing, first.ndim)
        self.shape: tuple[int, ...] = first.shape
        # a read-only array is another type to numba, and would be compiled for once more
        first, second = (np.require(m, requirements=["C", "W"]) for m in (first, second))
        self._masks = first.view(np.uint8), second.view(np.uint8)
        flat = [m.reshape(len(m), -1) for m in self._masks]
        (self.inter, self.pred_area, self.target_area), self._box = _kernel.box(*flat)

    @cached_property
    def distances(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances of each mask's boundary pixels to the other's boundary; of length 0 where a mask is empty."""
        if not (self.pred_area and self.target_area):
            return np.empty(0), np.empty(0)
        pred, target = self._masks
        if pred.ndim == 3:
            return _volume_distances(pred, target, self.spacing)
        top, bottom, left, right = self._box
        row_step, column_step = self.spacing
        both, n = _kernel.distances(pred, target, top, bottom, left, right, row_step, column_step)
        return both[:n], both[n:]

    @cached_property
    def pooled(self) -> NDArray[np.float64]:
        """Both directions' distances in one array, the prediction's first."""
        return np.concatenate(self.distances)

    @cached_property
    def lesions(self) -> tuple[int, int, NDArray[np.float64]]:
        """Number of predicted and of target lesions, and the IoU (P, T) of each with each.

        A lesion is a connected component; pixels that share a corner are connected (8 neighbours, 26 in a volume).
        """
        from scipy.ndimage import label

        around = np.ones((3,) * len(self.shape))
        (first, pred_lesions), (second, target_lesions) = (label(mask, around) for mask in self._masks)
        shape = (pred_lesions + 1, target_lesions + 1)  # 0 is the background
        inter = np.bincount((first * shape[1] + second).ravel(), minlength=shape[0] * shape[1]).reshape(shape)
        union = inter.sum(axis=1)[1:, None] + inter.sum(axis=0)[None, 1:] - inter[1:, 1:]
        return pred_lesions, target_lesions, inter[1:, 1:] / union


def _volume_distances(
    pred: NDArray[np.uint8], target: NDArray[np.uint8], spacing: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `MaskPair.distances` for volumes; boundary: a background neighbour along an axis, or the volume's border."""
    from scipy.ndimage import binary_erosion, distance_transform_edt, find_objects

    (box,) = find_objects(pred | target)
    edges = []
    for mask in (pred[box], target[box]):
        inside = binary_erosion(np.pad(mask, 1))[(slice(1, -1),) * 3]
        edges.append((mask != 0) & ~inside)
    first, second = edges
    return (
        distance_transform_edt(~second, sampling=spacing)[first],
        distance_transform_edt(~first, sampling=spacing)[second],
    )
