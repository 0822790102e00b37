"""A predicted and a target mask of one image, measured once for all metrics."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import binary_pair, spacing_of
from metrics.errors import InputError
from metrics.measuring import Measured, measure


class MaskPair:
    """A predicted and a target mask with what metrics need: pixel counts, boundary distances, lesions.

    Args:
        pred: (H, W), or (D, H, W) of a volume, bool or 0/1.
        target: the same shape.
        spacing: step of a pixel along each axis, in any unit.

    Attributes:
        masks: prediction and target, bool.
        shape: of either mask.
        spacing: one step per axis.

    Raises:
        InputError: shapes differ, not two or three axes, values other than 0 and 1, a spacing that is not positive.
    """

    def __init__(self, pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)):
        self.masks = binary_pair(pred, target)
        self.shape: tuple[int, ...] = self.masks[0].shape
        if len(self.shape) not in (2, 3):
            raise InputError(
                f"masks have {len(self.shape)} axes, shape {self.shape}; give one image (H, W) or volume (D, H, W)"
            )
        self.spacing = spacing_of(spacing, len(self.shape))

    @cached_property
    def measured(self) -> Measured:
        """Counts and distances. To measure many pairs, call `measure` once for all and set this attribute."""
        return measure([self.masks], [self.spacing])[0]

    @property
    def inter(self) -> int:
        """Pixels in both masks."""
        return self.measured.counts.inter

    @property
    def pred_area(self) -> int:
        """Pixels in the prediction."""
        return self.measured.counts.pred_area

    @property
    def target_area(self) -> int:
        """Pixels in the target."""
        return self.measured.counts.target_area

    @property
    def distances(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances of each mask's boundary pixels to the other's boundary; of length 0 where a mask is empty."""
        return self.measured.from_pred, self.measured.from_target

    @property
    def pooled(self) -> NDArray[np.float64]:
        """Both directions' distances in one array, the prediction's first."""
        return self.measured.pooled

    @cached_property
    def lesions(self) -> tuple[int, int, NDArray[np.float64]]:
        """Number of predicted and of target lesions, and the IoU (P, T) of each with each.

        A lesion is a connected component; pixels that share a corner are connected (8 neighbours, 26 in a volume).
        """
        from scipy.ndimage import label

        around = np.ones((3,) * len(self.shape))
        (first, pred_lesions), (second, target_lesions) = (label(mask, around) for mask in self.masks)
        shape = (pred_lesions + 1, target_lesions + 1)  # 0 is the background
        inter = np.bincount((first * shape[1] + second).ravel(), minlength=shape[0] * shape[1]).reshape(shape)
        union = inter.sum(axis=1)[1:, None] + inter.sum(axis=0)[None, 1:] - inter[1:, 1:]
        return pred_lesions, target_lesions, inter[1:, 1:] / union
