"""How likely an expert, shown a mask, would name each cell: a logistic regression per cell on the lesion's profile.

Most prompts name one of a few sets of zones ("lower left lung and lower right lung"). Without weights, a rarely named
zone would never be likely, and even the experts' masks of it would score below chance. A prompt therefore weighs
1 / sqrt(how often its set of zones is stated).

A regression cannot judge masks unlike those that it was fitted to, such as half of the picture. The Mahalanobis
distance of a mask's profile from those of the calibration measures this; if it is too large, the cuts decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.errors import InputError

PRESENT = 0.012  # a band of the picture counts as touched if more than this share of it is lesion
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FAR = 4.0  # standard deviations; features are clipped there
# squared Mahalanobis distance over the number of features; 99 in 100 of the experts' own masks are under 3.3
USUAL, STRANGE = 3.0, 6.0
LARGEST = 1e6  # of any stored number; the largest of the frames that ship is 89
FLOOR = 0.01  # added to the variances, so that the covariance can be inverted


@dataclass(frozen=True, eq=False)
class Experts:
    """The regressions of all cells, in the order of `Ontology.cells`.

    Args:
        mean, scale: (C, P * F) of the features of each column, over the calibration's masks.
        weights: (C * R, 2 P F) of the standardised features and of their squares.
        bias: (C * R,).
        precision: (C, P * F, P * F) inverse covariance of the standardised features; empty: no mask counts as strange.
    """

    mean: tuple[tuple[float, ...], ...]
    scale: tuple[tuple[float, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    precision: tuple[tuple[tuple[float, ...], ...], ...] = ()

    @classmethod
    def from_json(cls, stored: Any) -> Experts:
        """From the lists of a frame's file.

        Raises:
            ValueError: a part is missing, has another shape than the others, or holds a number that is not finite.
        """
        mean, scale, weights, bias = (matrix(stored, key) for key in ("mean", "scale", "weights", "bias"))
        precision = matrix(stored, "precision") if stored.get("precision") else np.zeros((0, 0, 0))
        columns, size = mean.shape if mean.ndim == 2 else (0, 0)
        shapes = {
            "scale": (scale, (columns, size)),
            "weights": (weights, (len(bias), 2 * size)),
            "bias": (bias, (len(bias),)),
        }
        if len(precision):
            shapes["precision"] = (precision, (columns, size, size))
        for key, (values, shape) in shapes.items():
            if values.shape != shape:
                raise ValueError(f"experts: {key} has shape {values.shape}, not {shape} as mean and bias have it")
        if not columns or len(bias) % columns or (scale <= 0).any():
            raise ValueError("experts: give scales above 0, and as many biases as the grid has cells")
        return cls(nested(mean), nested(scale), nested(weights), nested(bias), nested(precision))

    def named(self, profiles: NDArray[np.float64], by_cuts: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, C * R) probabilities: from the regression for masks like those it was fitted to, else from the cuts.

        Args:
            profiles: (N, P, C, BINS) as `fit` took them.
            by_cuts: (N, C * R) probabilities by the cuts alone.

        Raises:
            InputError: the regression was fitted to other features.
        """
        known, features = len(self.mean[0]), described(profiles[:1], 0).shape[1]
        if known != features:
            raise InputError(f"experts of {known} features in the frame, not {features}; calibrate it again")
        usual = np.repeat(self.usual(profiles), len(self.bias) // profiles.shape[2], axis=1)
        return usual * self.probability(profiles) + (1 - usual) * by_cuts

    def usual(self, profiles: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, C) 1 if a column's profile is like those of the calibration, falling to 0 if it is unlike them."""
        out = np.ones((len(profiles), profiles.shape[2]))
        for c, precision in enumerate(self.precision):
            z = (described(profiles, c) - np.array(self.mean[c])) / np.array(self.scale[c])
            distance = np.einsum("ij,jk,ik->i", z, np.array(precision), z) / z.shape[1]
            out[:, c] = np.clip((STRANGE - distance) / (STRANGE - USUAL), 0, 1)
        return out

    def probability(self, profiles: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, P, C, BINS) profiles as `fit` took them -> (N, C * R) probabilities."""
        columns = profiles.shape[2]
        weights, bias = np.array(self.weights), np.array(self.bias)
        rows = len(bias) // columns
        out = np.empty((len(profiles), len(bias)))
        for c in range(columns):
            x = design(described(profiles, c), np.array(self.mean[c]), np.array(self.scale[c]))
            cells = slice(c * rows, (c + 1) * rows)
            out[:, cells] = 1 / (1 + np.exp(-(x @ weights[cells].T + bias[cells])))
        return out


def described(profiles: NDArray[np.float64], column: int) -> NDArray[np.float64]:
    """(N, P * F) features of one column of profiles (N, P, C, BINS), for one kind of rows after the other."""
    return np.column_stack([describe(profiles[:, kind], column) for kind in range(profiles.shape[1])])


def describe(profiles: NDArray[np.float64], column: int) -> NDArray[np.float64]:
    """(N, F) features of one column, all unitless: amount, extent and centre of the lesion.

    They include the extent of the lesion in the other columns, which shows how the patient is placed in the picture.
    """
    own, rest = profiles[:, column], np.delete(profiles, column, axis=1).sum(axis=1)
    bins = own.shape[1]
    total = own.sum(axis=1)
    rising = np.cumsum(own, axis=1) / np.maximum(total, 1e-9)[:, None]
    quantiles = [np.where(total > 0, (rising < q).sum(axis=1), 0) / bins for q in QUANTILES]
    mean = own @ np.arange(bins) / np.maximum(total, 1e-9) / bins
    top, bottom, touched = extent(own)
    other_top, other_bottom, _ = extent(rest)
    bands = own.reshape(len(own), bins // 2, 2).sum(axis=2)
    sizes = [
        total / bins,
        top,
        bottom,
        bottom - top,
        mean,
        own.max(axis=1),
        *quantiles,
        other_top,
        other_bottom,
        touched,
    ]
    return np.column_stack([*sizes, bands])


def extent(profile: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """First and last band with lesion, and the number of such bands, as shares of the height; (1, 0, 0) if none has."""
    bins = profile.shape[1]
    has = profile > PRESENT
    some = has.any(axis=1)
    top = np.where(some, has.argmax(axis=1), bins) / bins
    bottom = np.where(some, bins - has[:, ::-1].argmax(axis=1), 0) / bins
    return top, bottom, has.sum(axis=1) / bins


def design(x: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standardised features, clipped at FAR, and their squares."""
    z = np.clip((x - mean) / scale, -FAR, FAR)
    return np.column_stack([z, z**2])


def fit(profiles: NDArray[np.float64], named: NDArray[np.bool_], strength: float = 0.1) -> Experts:
    """Fit the regressions to masks and the cells that their prompts name.

    Args:
        profiles: (N, P, C, BINS), for P kinds of rows: those of the picture and, if known, of the lungs.
        named: (N, C * R) whether the prompt names the cell.
        strength: inverse of the penalty, as scikit-learn's C.
    """
    from sklearn.linear_model import LogisticRegression

    columns = profiles.shape[2]
    rows = named.shape[1] // columns
    _, kind, often = np.unique(named, axis=0, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(often[kind.reshape(-1)])
    weight *= len(weight) / weight.sum()  # else the penalty would weigh more
    mean, scale, weights, bias, precision = [], [], [], [], []
    for c in range(columns):
        x = described(profiles, c)
        mean.append(x.mean(axis=0))
        scale.append(x.std(axis=0) + 1e-6)
        standard = (x - mean[-1]) / scale[-1]
        precision.append(np.linalg.inv(standard.T @ standard / len(x) + FLOOR * np.eye(x.shape[1])))
        z = design(x, mean[-1], scale[-1])
        for r in range(rows):
            y = named[:, c * rows + r]
            if y.all() or not y.any():
                weights.append(np.zeros(z.shape[1]))
                bias.append(6.0 if y.all() else -6.0)
                continue
            regression = LogisticRegression(C=strength, max_iter=1000).fit(z, y, sample_weight=weight)
            weights.append(regression.coef_[0])
            bias.append(float(regression.intercept_[0]))
    short = lambda table: tuple(tuple(float(f"{v:.4g}") for v in row) for row in table)  # noqa: E731
    return Experts(
        short(mean),
        short(scale),
        short(weights),
        tuple(float(f"{v:.4g}") for v in bias),
        tuple(short(table) for table in precision),
    )


def matrix(stored: Any, key: str) -> NDArray[np.float64]:
    """Part of a frame's file as an array.

    Raises:
        ValueError: it is missing, one number, ragged or not finite.
    """
    if not isinstance(stored, dict) or key not in stored:
        raise ValueError(f"it lacks {key}")
    try:
        values = np.array(stored[key], float)
    except (TypeError, ValueError):
        raise ValueError(f"{key} is no table of numbers with rows of equal length") from None
    if not values.ndim:
        raise ValueError(f"{key} is one number, not a table of them")
    if not (np.abs(values) <= LARGEST).all():
        raise ValueError(f"{key} has a number that is not finite, or beyond {LARGEST:,.0f}")
    return values


def nested(values: NDArray[np.float64]) -> Any:
    """An array as tuples of tuples, which compare and hash."""
    return tuple(nested(row) for row in values) if values.ndim > 1 else tuple(float(v) for v in values)
