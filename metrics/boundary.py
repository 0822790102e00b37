"""Distance between the outlines of two masks, exact: HD95, HD100, ASSD and MASD, and NSD."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics import _statistics
from metrics.errors import InputError
from metrics.pair import MaskPair

VARIANTS = ("pooled", "larger")
OLD_NAMES = {"directed": "larger"}  # MONAI means one direction alone by it


def surface_distances(
    pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance from each boundary pixel of one mask to the nearest boundary pixel of the other, both ways.

    Boundary: foreground pixels with a background 4-neighbour; beyond the image's border is background. Computed
    once, to be read many ways (any percentile, mean, share within a tolerance). Pixels count alike: this is not the
    contour-length weighting of DeepMind's surface-distance.

    Args:
        pred: (H, W) bool or 0/1; (D, H, W) of a volume.
        target: the same shape.
        spacing: (row step, column step) of a pixel, in any unit; three steps of a volume.

    Returns:
        (pred to target, target to pred), float64 in the unit of `spacing`, in row order of the boundary pixels.
        Both are of length 0 when one or both masks are empty: there is nothing to measure to.

    Raises:
        InputError: shapes differ, not two or three axes, values other than 0 and 1, a spacing that is not positive.
    """
    return MaskPair(pred, target, spacing).distances


def hd95(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1), variant: str = "pooled") -> float:
    """95th percentile of the Hausdorff distance between the outlines of two masks.

    `pooled` is the percentile of both directions' distances together (medpy, panoptica); `larger` the larger of the
    two directions' percentiles (MONAI, MetricsReloaded), which stray pixels of one mask move much further.

    Args:
        pred: (H, W) bool or 0/1; (D, H, W) of a volume.
        target: the same shape.
        spacing: (row step, column step) of a pixel, in any unit; three steps of a volume.
        variant: "pooled" or "larger". "directed" is an older name of "larger"; MONAI's `directed=True` is another
            thing, the percentile of one direction alone.

    Returns:
        The distance in the unit of `spacing` (pixels by default); nan when one or both masks are empty.

    Raises:
        InputError: shapes differ, not two or three axes, values other than 0 and 1, a bad spacing or variant.
    """
    variant = OLD_NAMES.get(variant, variant)
    if variant not in VARIANTS:
        raise InputError(f"variant {variant!r}: there are {' and '.join(map(repr, VARIANTS))}")
    pair = MaskPair(pred, target, spacing)
    if variant == "pooled":
        return hd95_of(pair)
    return max(percentile(distances, 0.95) for distances in pair.distances)


def hd100(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)) -> float:
    """Hausdorff distance: the largest distance from a boundary pixel of either mask to the other's boundary.

    As medpy, MONAI, MetricsReloaded and panoptica. Arguments, empty masks and errors as in `hd95`.
    """
    return hd100_of(MaskPair(pred, target, spacing))


def hd100_of(pair: MaskPair) -> float:
    """The HD100 of a measured pair."""
    return float(pair.pooled.max()) if pair.pooled.size else float("nan")


def hd95_of(pair: MaskPair) -> float:
    """The pooled HD95 of a measured pair."""
    return percentile(pair.pooled, 0.95)


def percentile(distances: NDArray[np.float64], share: float) -> float:
    """Percentile by linear interpolation; nan of no distances."""
    return float(_statistics.percentile(distances, share)) if distances.size else float("nan")


def assd(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)) -> float:
    """Average symmetric surface distance: the mean over both directions' distances together.

    As medpy since 0.5.2, MONAI (symmetric) and MetricsReloaded; the mean of the two directions' means, which older
    medpy and panoptica call ASSD, is another number.

    Args:
        pred: (H, W) bool or 0/1; (D, H, W) of a volume.
        target: the same shape.
        spacing: (row step, column step) of a pixel, in any unit; three steps of a volume.

    Returns:
        The distance in the unit of `spacing` (pixels by default); nan when one or both masks are empty.

    Raises:
        InputError: shapes differ, not two or three axes, values other than 0 and 1, a spacing that is not positive.
    """
    return assd_of(MaskPair(pred, target, spacing))


def masd(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1)) -> float:
    """Mean average surface distance: the mean of the two directions' mean distances, which weigh alike.

    Benes and Zitova 2015. As MetricsReloaded's masd; medpy before 0.5 and panoptica call it ASSD. Arguments, empty
    masks and errors as in `assd`.
    """
    return masd_of(MaskPair(pred, target, spacing))


def masd_of(pair: MaskPair) -> float:
    """The MASD of a measured pair."""
    return sum(map(_statistics.mean, pair.distances)) / 2 if pair.pooled.size else float("nan")


def assd_of(pair: MaskPair) -> float:
    """The ASSD of a measured pair."""
    return _statistics.mean(pair.pooled) if pair.pooled.size else float("nan")


def nsd(pred: ArrayLike, target: ArrayLike, spacing: ArrayLike = (1, 1), tolerance: float = 2.0) -> float:
    """Normalised surface distance: share of both outlines that is within a tolerance of the other outline.

    Nikolov et al. 2021, equation 1 ("surface Dice"), over boundary pixels that all count alike, as MetricsReloaded
    computes it: (pixels of pred's boundary at most `tolerance` from target's + the same of target's) / all boundary
    pixels. DeepMind's surface-distance instead puts the outline between the pixels and weighs each element by its
    contour length, so that its values differ by some percent and a shift of one pixel may count as none.

    Args:
        pred: (H, W) bool or 0/1; (D, H, W) of a volume.
        target: the same shape.
        spacing: (row step, column step) of a pixel, in any unit; three steps of a volume.
        tolerance: in the unit of `spacing`, 0 or more; a distance equal to it counts as within.

    Returns:
        A number in [0, 1]; nan when one or both masks are empty.

    Raises:
        InputError: shapes differ, not two or three axes, other values than 0 and 1, a spacing that is not positive, a
            tolerance that is not a number of 0 or more.
    """
    if not 0 <= tolerance < float("inf"):
        raise InputError(f"tolerance {tolerance}: give a number of 0 or more, in the unit of the spacing")
    return nsd_of(MaskPair(pred, target, spacing), tolerance)


def nsd_of(pair: MaskPair, tolerance: float = 2.0) -> float:
    """The NSD of a measured pair."""
    return float((pair.pooled <= tolerance).mean()) if pair.pooled.size else float("nan")
