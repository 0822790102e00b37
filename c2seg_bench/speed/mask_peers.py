"""What other libraries make of a pair of masks: the peers that the metrics are timed beside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from c2seg_bench.speed.mask_pairs import Mask


def by_medpy(pred: Mask, target: Mask) -> tuple[float, ...]:
    """HD95, ASSD, Dice, IoU."""
    from medpy.metric import binary

    return tuple(f(pred, target) for f in (binary.hd95, binary.assd, binary.dc, binary.jc))


def by_monai(pred: Mask, target: Mask) -> tuple[float, ...]:
    """HD95 (the larger of both directions), ASSD, Dice, IoU."""
    import torch
    from monai.metrics import compute_average_surface_distance, compute_dice, compute_hausdorff_distance, compute_iou

    one, other = (torch.from_numpy(m)[None, None].float() for m in (pred, target))
    return (
        float(compute_hausdorff_distance(one, other, include_background=True, percentile=95)),
        float(compute_average_surface_distance(one, other, include_background=True, symmetric=True)),
        float(compute_dice(one, other)),
        float(compute_iou(one, other)),
    )


def by_deepmind(pred: Mask, target: Mask) -> tuple[float, ...]:
    """HD95 (weighted by contour length, the larger of both directions), the two directions' mean distances, Dice."""
    import surface_distance

    distances = surface_distance.compute_surface_distances(target, pred, (1,) * pred.ndim)
    return (
        surface_distance.compute_robust_hausdorff(distances, 95),
        *surface_distance.compute_average_surface_distance(distances),
        surface_distance.compute_dice_coefficient(target, pred),
    )


def by_scipy(pred: Mask, target: Mask) -> tuple[np.ndarray, np.ndarray]:
    """Distances alone, each outline's to the other's, by the exact transform of the whole image."""
    from scipy.ndimage import binary_erosion, distance_transform_edt

    first, second = (m & ~binary_erosion(m) for m in (pred, target))
    return distance_transform_edt(~second)[first], distance_transform_edt(~first)[second]


def by_opencv(pred: Mask, target: Mask) -> tuple[np.ndarray, np.ndarray]:
    """Distances alone, of the box that both masks need, as a careful user would."""
    import cv2

    cv2.setNumThreads(1)
    rows, columns = (np.flatnonzero((pred | target).any(axis=axis)) for axis in (1, 0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    padded = [cv2.copyMakeBorder(m[box].astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT) for m in (pred, target)]
    first, second = ((m - cv2.erode(m, cross)).astype(bool) for m in padded)
    far = [cv2.distanceTransform((~m).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for m in (second, first)]
    return far[0][first], far[1][second]


SCORES: dict[str, Callable[[Mask, Mask], object]] = {
    "medpy": by_medpy,
    "MONAI": by_monai,
    "surface-distance": by_deepmind,
}
DISTANCES: dict[str, Callable[[Mask, Mask], object]] = {"scipy": by_scipy, "OpenCV": by_opencv}
