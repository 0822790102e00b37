"""Two masks of one picture, measured once and read by every metric."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics._counting import count
from metrics._distances import distances
from metrics.arrays import binary_pair, spacing_of
from metrics.counts import PixelCounts
from metrics.errors import InputError
from metrics.volume import volume_distances


class Measured(NamedTuple):
    """What `measure` finds: pixel counts, and boundary distances from the prediction, then from the target."""

    counts: PixelCounts
    from_pred: NDArray[np.float64]
    from_target: NDArray[np.float64]
    pooled: NDArray[np.float64]


class MaskPair:
    """A predicted and a target mask with what metrics read from them: pixel counts, boundary distances, lesions.

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
                f"masks have {len(self.shape)} axes, shape {self.shape}; give one picture (H, W) or volume (D, H, W)"
            )
        self.spacing = spacing_of(spacing, len(self.shape))

    @cached_property
    def measured(self) -> Measured:
        """Counts and distances; set it from `measure` where there are many pairs."""
        return measure([self])[0]

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


def measure(pairs: Sequence[MaskPair]) -> list[Measured]:
    """Count the pixels and measure the distances of one pair or more, all pictures or all volumes.

    Of pictures nearly all is computed without Python's lock, so that threads with many pairs each share the work.
    """
    masks = np.concatenate([mask.ravel() for pair in pairs for mask in pair.masks]).view(np.uint8)
    sizes = np.array([(len(pair.masks[0]), pair.masks[0].size // max(len(pair.masks[0]), 1)) for pair in pairs])
    counts, boxes = count(masks, sizes)
    each = [PixelCounts(*row) for row in counts.tolist()]
    if len(pairs[0].shape) == 3:
        return [_measured_volume(*both) for both in zip(pairs, each, strict=True)]
    pooled, bounds = distances(masks, sizes, counts, boxes, np.array([pair.spacing for pair in pairs]))
    return [
        Measured(numbers, pooled[start:middle], pooled[middle:end], pooled[start:end])
        for numbers, (start, middle, end) in zip(each, bounds.tolist(), strict=True)
    ]


def _measured_volume(pair: MaskPair, counts: PixelCounts) -> Measured:
    some = counts.pred_area and counts.target_area
    both = volume_distances(*pair.masks, pair.spacing) if some else (np.empty(0), np.empty(0))
    return Measured(counts, *both, np.concatenate(both))
