"""Distance between the outlines of two masks: HD95 and ASSD, exact, with medpy 0.5.2's definitions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics import _kernel
from metrics.errors import InputError
from metrics.pair import MaskPair

VARIANTS = ("pooled", "directed")


def surface_distances(
    pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance from each boundary pixel of one mask to the nearest boundary pixel of the other, both ways.

    Boundary: foreground pixels with a background 4-neighbour; beyond the image's border is background. Computed
    once, to be read many ways (any percentile, mean, share within a tolerance). Pixels count alike: this is not the
    contour-length weighting of DeepMind's surface-distance.

    Args:
        pred: (H, W) bool or 0/1.
        target: (H, W) bool or 0/1.
        spacing: (row step, column step) of a pixel, in any unit.

    Returns:
        (pred to target, target to pred), float64 in the unit of `spacing`, in row order of the boundary pixels.
        Both are of length 0 when one or both masks are empty: there is nothing to measure to.

    Raises:
        InputError: shapes differ, not two axes, values other than 0 and 1, a spacing that is not positive.
    """
    return MaskPair(pred, target, spacing).distances


def hd95(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1), variant: str = "pooled") -> float:
    """95th percentile of the Hausdorff distance between the outlines of two masks.

    `pooled` is the percentile of both directions' distances together (medpy, panoptica); `directed` the larger of
    the two directions' percentiles (MONAI, MetricsReloaded), which stray pixels of one mask move much further.

    Args:
        pred: (H, W) bool or 0/1.
        target: (H, W) bool or 0/1.
        spacing: (row step, column step) of a pixel, in any unit.
        variant: "pooled" or "directed".

    Returns:
        The distance in the unit of `spacing` (pixels by default); nan when one or both masks are empty.

    Raises:
        InputError: shapes differ, not two axes, values other than 0 and 1, a spacing or variant that is not one.
    """
    if variant not in VARIANTS:
        raise InputError(f"variant {variant!r}: there are {' and '.join(map(repr, VARIANTS))}")
    pair = MaskPair(pred, target, spacing)
    if variant == "pooled":
        return hd95_of(pair)
    return max(percentile(distances, 0.95) for distances in pair.distances)


def hd95_of(pair: MaskPair) -> float:
    """The pooled HD95 of a measured pair."""
    return percentile(pair.pooled, 0.95)


def percentile(distances: NDArray[np.float64], share: float) -> float:
    """Percentile by linear interpolation; nan of no distances."""
    return float(_kernel.percentile(distances, share)) if distances.size else float("nan")


def assd(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)) -> float:
    """Average symmetric surface distance: the mean over both directions' distances together.

    As medpy since 0.5.2, MONAI (symmetric) and MetricsReloaded; the mean of the two directions' means, which older
    medpy and panoptica call ASSD, is another number.

    Args:
        pred: (H, W) bool or 0/1.
        target: (H, W) bool or 0/1.
        spacing: (row step, column step) of a pixel, in any unit.

    Returns:
        The distance in the unit of `spacing` (pixels by default); nan when one or both masks are empty.

    Raises:
        InputError: shapes differ, not two axes, values other than 0 and 1, a spacing that is not positive.
    """
    return assd_of(MaskPair(pred, target, spacing))


def assd_of(pair: MaskPair) -> float:
    """The ASSD of a measured pair."""
    return float(pair.pooled.mean()) if pair.pooled.size else float("nan")
