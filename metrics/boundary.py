"""Distance between the outlines of two masks: HD95 and ASSD, exact, with medpy 0.5.2's definitions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics import _kernel
from metrics.errors import InputError
from metrics.overlap import binary_pair

VARIANTS = ("pooled", "directed")


def spacing_pair(spacing: ArrayLike) -> tuple[float, float]:
    """The spacing as (row step, column step); InputError where it is not two positive numbers."""
    try:
        steps = np.asarray(spacing, float)
    except (TypeError, ValueError):
        steps = np.empty(0)
    if steps.shape != (2,) or not np.isfinite(steps).all() or (steps <= 0).any():
        raise InputError(f"spacing {spacing!r}: give two positive numbers, (row step, column step)")
    return float(steps[0]), float(steps[1])


def mask_pair(pred: ArrayLike, target: ArrayLike) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Both masks as contiguous 0/1 uint8 pictures of one shape, for the kernel; InputError where they are not."""
    first, second = binary_pair(pred, target)
    if first.ndim != 2:
        raise InputError(f"masks have {first.ndim} axes, shape {first.shape}; give one picture (H, W) at a time")
    # a read-only array is another type to numba, and would be compiled for once more
    first, second = (np.require(m, requirements=["C", "W"]) for m in (first, second))
    return first.view(np.uint8), second.view(np.uint8)


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
    both, n = _kernel.surface(*mask_pair(pred, target), *spacing_pair(spacing))
    return both[:n], both[n:]


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
    there, back = surface_distances(pred, target, spacing)
    if not there.size:
        return float("nan")
    if variant == "pooled":
        return float(_kernel.percentile(np.concatenate((there, back)), 0.95))
    return float(max(_kernel.percentile(there, 0.95), _kernel.percentile(back, 0.95)))


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
    there, back = surface_distances(pred, target, spacing)
    return float(np.concatenate((there, back)).mean()) if there.size else float("nan")
