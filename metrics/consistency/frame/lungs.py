"""The position of the lungs, estimated from the image by a ridge regression on 14 x 14 grey values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import numbers
from metrics.consistency.frame.extents import Extents
from metrics.consistency.frame.json_arrays import read_array, rounded, to_tuples
from metrics.errors import InputError

SIDE = 14  # tiles per side; more are no better: with 14, 20, 28 and 56 the errors are 9 and 13 to 15 rows of 224
PENALTY = 250.0
LEAST = 100  # images for each side
FOLDS = 5
LOWEST = 0.2  # least height of a lung, as a share of the image; matters for images unlike any X-ray


@dataclass(frozen=True, eq=False)
class Lungs:
    """The regression.

    Args:
        weights: (4, SIDE * SIDE), for top and bottom of the lung on the image's left, then of that on its right.
        bias: (4,).
    """

    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]

    @classmethod
    def from_json(cls, stored: Any) -> Lungs:
        """From the object `lungs` of a frame's file.

        Raises:
            ValueError: a part is missing, has another shape, or has a number that is not finite.
        """
        weights, bias = read_array(stored, "weights"), read_array(stored, "bias")
        if weights.shape != (4, SIDE * SIDE) or bias.shape != (4,):
            raise ValueError(f"lungs: give 4 rows of {SIDE * SIDE} weights and 4 of bias")
        return cls(to_tuples(weights), to_tuples(bias))

    def extents(self, images: Sequence[ArrayLike] | NDArray, midline: float) -> Extents:
        """Estimated extents of N images (H, W) or (H, W, 3), with the given midline.

        Raises:
            InputError: an image has another shape.
        """
        estimate = grey_tiles(images) @ np.array(self.weights).T + np.array(self.bias)
        return Extents(plausible(estimate.reshape(-1, 2, 2)), np.full(len(estimate), midline))


def plausible(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (N, 2, 2) limited to the image, with top and bottom at least `LOWEST` apart."""
    middle = np.clip(rows.mean(axis=2), LOWEST / 2, 1 - LOWEST / 2)
    top = np.clip(np.minimum(rows[..., 0], middle - LOWEST / 2), 0, 1)
    bottom = np.clip(np.maximum(rows[..., 1], middle + LOWEST / 2), 0, 1)
    return np.stack([top, bottom], axis=2)


def grey_tiles(images: Sequence[ArrayLike] | NDArray) -> NDArray[np.float64]:
    """(N, SIDE * SIDE) mean grey of each tile, standardised per image.

    Raises:
        InputError: an image is neither (H, W) nor (H, W, 3), or has other values than finite numbers; names its
            position.
    """
    out = np.zeros((len(images), SIDE * SIDE))
    for i, image in enumerate(images):
        grey = numbers(image, f"image {i}")
        shape, grey = grey.shape, grey.mean(axis=2) if grey.ndim == 3 else grey
        if grey.ndim != 2 or 0 in grey.shape:
            raise InputError(f"image {i} has shape {shape}; give (H, W) or (H, W, 3)")
        if not np.isfinite(grey).all():
            raise InputError(f"image {i} has a value that is not finite; give grey values or colours")
        tiles = (tiling(grey.shape[0]) @ grey @ tiling(grey.shape[1]).T).ravel()
        out[i] = (tiles - tiles.mean()) / (tiles.std() + 1e-6)
    return out


def tiling(n: int) -> NDArray[np.float64]:
    """(SIDE, n) share of each of n pixels in each of SIDE equal tiles, divided by the tile's length."""
    edges, pixels = np.arange(SIDE + 1) * n / SIDE, np.arange(n)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.clip(covered, 0, 1) * SIDE / n


def lung_rows_of_lesions(masks: Sequence[NDArray], whole: NDArray[np.bool_], midline: float) -> NDArray[np.float64]:
    """(N, 2, 2) top and bottom of the lesion on the sides that it fills, as shares of the height; nan on other sides.

    Args:
        masks: N lesions (H, W).
        whole: (N, 2) whether the prompt names all cells of the image's left and right side.
    """
    targets = np.full((len(masks), 2, 2), np.nan)
    for i, side in np.argwhere(whole):
        height, width = masks[i].shape
        left = (np.arange(width) + 0.5) / width <= midline
        rows = np.flatnonzero(masks[i][:, left if side == 0 else ~left].any(axis=1))
        if len(rows) and rows[-1] + 1 - rows[0] >= LOWEST * height:
            targets[i, side] = rows[0] / height, (rows[-1] + 1) / height
    return targets


def fit(
    images: Sequence[ArrayLike] | NDArray, targets: NDArray[np.float64]
) -> tuple[Lungs, NDArray[np.float64], dict[str, Any]]:
    """Fit the regression.

    Args:
        images: N images (H, W) or (H, W, 3).
        targets: (N, 2, 2) rows of the lungs, as in `Extents.rows`; nan where unknown.

    Returns:
        The regression; its estimates (N, 2, 2) for the same images, each fifth estimated from the other four, so that
        a frame calibrated on them sees realistic errors; and these errors, for the frame's file.

    Raises:
        InputError: targets of fewer than 100 images are known for a side.
    """
    known = np.asarray(np.isfinite(targets).all(axis=2))
    if known.sum(axis=0).min() < LEAST:
        raise InputError(
            f"the lungs' extents are known in {known[:, 0].sum()} images on the left and {known[:, 1].sum()} on the "
            f"right; estimating them from images (--images) takes {LEAST} each: give lung masks (--lungs)"
        )
    x, fold = grey_tiles(images), np.arange(len(images)) % FOLDS
    estimates = np.empty_like(targets)
    for k in range(FOLDS):
        held_out = fold == k
        weights, bias = ridge(x[~held_out], targets[~held_out])
        estimates[held_out] = (x[held_out] @ weights.T + bias).reshape(-1, 2, 2)
    estimates = plausible(estimates)
    centre = np.array([targets[known[:, side], side].mean(axis=0) for side in (0, 1)])
    error, constant = ([np.abs(v[known[:, s], s]).mean(axis=0).round(4).tolist() for s in (0, 1)]
                       for v in (estimates - targets, centre - targets))  # fmt: skip
    errors = {"pictures": known.sum(axis=0).tolist(), "error": error, "error_of_a_constant": constant}
    weights, bias = ridge(x, targets)
    return Lungs(rounded(weights), rounded(bias)), estimates, errors


def ridge(x: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (4, F) and bias (4,) of a ridge regression; each side is fitted to the images in which it is known."""
    weights, bias = [], []
    for side in (0, 1):
        known = np.isfinite(targets[:, side]).all(axis=1)
        own, y = x[known], targets[known, side]
        centred, mean = own - own.mean(axis=0), y.mean(axis=0)
        estimate = np.linalg.solve(centred.T @ centred + PENALTY * np.eye(x.shape[1]), centred.T @ (y - mean))
        weights.append(estimate.T)
        bias.append(mean - own.mean(axis=0) @ estimate)
    return np.concatenate(weights), np.concatenate(bias)
