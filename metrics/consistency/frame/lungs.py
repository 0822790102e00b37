"""The position of the lungs, estimated from the picture by a ridge regression on 14 x 14 grey values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency.frame.experts import matrix, nested
from metrics.consistency.frame.extents import Extents
from metrics.errors import InputError

SIDE = 14  # a larger picture is no better: at 14, 20, 28 and 56 errors are 9 and 13 to 15 rows of 224
PENALTY = 250.0
LEAST = 100  # pictures for each side
FOLDS = 5
LOWEST = 0.2  # least height of a lung, as a share of the picture, for pictures unlike any X-ray


@dataclass(frozen=True, eq=False)
class Lungs:
    """The regression.

    Args:
        weights: (4, SIDE * SIDE), for top and bottom of the lung on the picture's left, then of that on its right.
        bias: (4,).
    """

    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]

    @classmethod
    def from_json(cls, stored: Any) -> Lungs:
        """From the lists of a frame's file.

        Raises:
            ValueError: a part is missing, has another shape, or holds a number that is not finite.
        """
        weights, bias = matrix(stored, "weights"), matrix(stored, "bias")
        if weights.shape != (4, SIDE * SIDE) or bias.shape != (4,):
            raise ValueError(f"lungs: give 4 rows of {SIDE * SIDE} weights and 4 of bias")
        return cls(nested(weights), nested(bias))

    def extents(self, images: Sequence[ArrayLike] | NDArray, midline: float) -> Extents:
        """Estimated extents of N pictures (H, W) or (H, W, 3); the midline is not estimated but given."""
        estimate = small(images) @ np.array(self.weights).T + np.array(self.bias)
        return Extents(sane(estimate.reshape(-1, 2, 2)), np.full(len(estimate), midline))


def sane(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2, 2) limited to the picture, top and bottom at least LOWEST apart."""
    middle = np.clip(rows.mean(axis=2), LOWEST / 2, 1 - LOWEST / 2)
    top = np.clip(np.minimum(rows[..., 0], middle - LOWEST / 2), 0, 1)
    bottom = np.clip(np.maximum(rows[..., 1], middle + LOWEST / 2), 0, 1)
    return np.stack([top, bottom], axis=2)


def small(images: Sequence[ArrayLike] | NDArray) -> NDArray[np.float64]:
    """(N, SIDE * SIDE) mean grey of each tile, standardised per picture.

    Raises:
        InputError: a picture is neither (H, W) nor (H, W, 3); names its position.
    """
    out = np.zeros((len(images), SIDE * SIDE))
    for i, image in enumerate(images):
        grey = np.asarray(image, np.float64)
        grey = grey.mean(axis=2) if grey.ndim == 3 else grey
        if grey.ndim != 2 or 0 in grey.shape:
            raise InputError(f"picture {i} has shape {np.shape(image)}; give (H, W) or (H, W, 3)")
        tiles = (tiling(grey.shape[0]) @ grey @ tiling(grey.shape[1]).T).ravel()
        out[i] = (tiles - tiles.mean()) / (tiles.std() + 1e-6)
    return out


def tiling(n: int) -> NDArray[np.float64]:
    """(SIDE, n) share of each of n pixels in each of SIDE equal tiles, divided by the tile's length."""
    edges, pixels = np.arange(SIDE + 1) * n / SIDE, np.arange(n)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.clip(covered, 0, 1) * SIDE / n


def targets_of(masks: Sequence[NDArray], whole: NDArray[np.bool_], midline: float) -> NDArray[np.float64]:
    """(N, 2, 2) first and last row of the lesion on the sides that it fills, nan on others.

    Args:
        masks: N lesions (H, W).
        whole: (N, 2) whether the prompt names all cells of the picture's left and right side.
    """
    out = np.full((len(masks), 2, 2), np.nan)
    for i, side in np.argwhere(whole):
        height, width = masks[i].shape
        left = (np.arange(width) + 0.5) / width <= midline
        at = np.flatnonzero(masks[i][:, left if side == 0 else ~left].any(axis=1))
        if len(at) and at[-1] + 1 - at[0] >= LOWEST * height:
            out[i, side] = at[0] / height, (at[-1] + 1) / height
    return out


def fit(
    images: Sequence[ArrayLike] | NDArray, targets: NDArray[np.float64]
) -> tuple[Lungs, NDArray[np.float64], dict[str, Any]]:
    """The regression, its out-of-fold estimates (N, 2, 2) for the same pictures, and their errors.

    Each fifth of the pictures is estimated from the other four, so that a frame calibrated on the estimates sees
    realistic errors.

    Raises:
        InputError: targets of fewer than 100 pictures are known for a side.
    """
    known = np.asarray(np.isfinite(targets).all(axis=2))
    if known.sum(axis=0).min() < LEAST:
        raise InputError(
            f"the lungs' extents are known in {known[:, 0].sum()} pictures on the left and {known[:, 1].sum()} on the "
            f"right; estimating them from pictures (--images) takes {LEAST} each: give lung masks (--lungs)"
        )
    x, fold = small(images), np.arange(len(images)) % FOLDS
    guess = np.empty_like(targets)
    for k in range(FOLDS):
        held = fold == k
        weights, bias = ridge(x[~held], targets[~held])
        guess[held] = (x[held] @ weights.T + bias).reshape(-1, 2, 2)
    guess = sane(guess)
    centre = np.array([targets[known[:, side], side].mean(axis=0) for side in (0, 1)])
    error, constant = ([np.abs(v[known[:, s], s]).mean(axis=0).round(4).tolist() for s in (0, 1)]
                       for v in (guess - targets, centre - targets))  # fmt: skip
    errors = {"pictures": known.sum(axis=0).tolist(), "error": error, "error_of_a_constant": constant}
    weights, bias = ridge(x, targets)
    short = lambda row: tuple(float(f"{v:.4g}") for v in row)  # noqa: E731
    return Lungs(tuple(short(row) for row in weights), short(bias)), guess, errors


def ridge(x: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (4, F) and bias (4,), each side fitted to the pictures in which it is known."""
    weights, bias = [], []
    for side in (0, 1):
        known = np.isfinite(targets[:, side]).all(axis=1)
        own, y = x[known], targets[known, side]
        centred, mean = own - own.mean(axis=0), y.mean(axis=0)
        estimate = np.linalg.solve(centred.T @ centred + PENALTY * np.eye(x.shape[1]), centred.T @ (y - mean))
        weights.append(estimate.T)
        bias.append(mean - own.mean(axis=0) @ estimate)
    return np.concatenate(weights), np.concatenate(bias)
