"""How likely an expert, shown a mask, would name each cell: a logistic regression per cell on the lesion's profile.

Most prompts name one of a few sets of zones ("lower left lung and lower right lung"). Without weights, a rarely named
zone would never be likely, and even the experts' masks of it would score below chance. A prompt therefore weighs
1 / sqrt(how often its set of zones is stated).

A regression cannot judge masks unlike those that it was fitted to, such as half of the image. The Mahalanobis distance
of a mask's profile from those of the calibration measures this; if it is too large, the cuts decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.consistency.frame.json_arrays import read_array, rounded, to_tuples
from metrics.consistency.frame.profile_features import column_features
from metrics.errors import InputError

FAR = 4.0  # standard deviations; features are clipped there
# squared Mahalanobis distance over the number of features; 99 in 100 of the experts' own masks are below 3.3
USUAL, STRANGE = 3.0, 6.0
FLOOR = 0.01  # added to the variances, so that the covariance can be inverted
CERTAIN = 6.0  # bias for a cell that all prompts name, or none: a probability of 0.998, or 0.002


@dataclass(frozen=True, eq=False)
class Experts:
    """The regressions of all C * R cells, in the order of `Ontology.cells`, on F features for each of P kinds of rows.

    Args:
        mean, scale: (C, P * F) of the features of each column, over the calibration's masks.
        weights: (C * R, 2 * P * F) of the standardised features and of their squares.
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
        """From the object `experts` of a frame's file.

        Raises:
            ValueError: a part is missing, has another shape than the others, or has a number that is not finite.
        """
        mean, scale, weights, bias = (read_array(stored, key) for key in ("mean", "scale", "weights", "bias"))
        precision = read_array(stored, "precision") if stored.get("precision") else np.zeros((0, 0, 0))
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
        return cls(to_tuples(mean), to_tuples(scale), to_tuples(weights), to_tuples(bias), to_tuples(precision))

    def naming_probability(self, profiles: NDArray[np.float64], by_cuts: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, C * R) how likely each cell is named: by the regression, or by the cuts if the mask is unlike its data.

        Args:
            profiles: (N, P, C, B), with the P and B of the calibration.
            by_cuts: (N, C * R) probabilities by the cuts alone.

        Raises:
            InputError: the regression was fitted to another number of features.
        """
        known, given = len(self.mean[0]), column_features(profiles[:1], 0).shape[1]
        if known != given:
            raise InputError(f"experts of {known} features in the frame, not {given}; calibrate it again")
        likeness = np.repeat(self.likeness(profiles), len(self.bias) // profiles.shape[2], axis=1)
        return likeness * self.regression(profiles) + (1 - likeness) * by_cuts

    def likeness(self, profiles: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, C) 1 if a column's profile is like those of the calibration, falling to 0 as it gets unlike them."""
        out = np.ones((len(profiles), profiles.shape[2]))
        for c, precision in enumerate(self.precision):
            z = (column_features(profiles, c) - np.array(self.mean[c])) / np.array(self.scale[c])
            distance = np.einsum("ij,jk,ik->i", z, np.array(precision), z) / z.shape[1]
            out[:, c] = np.clip((STRANGE - distance) / (STRANGE - USUAL), 0, 1)
        return out

    def regression(self, profiles: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, C * R) probabilities by the regressions alone."""
        columns = profiles.shape[2]
        weights, bias = np.array(self.weights), np.array(self.bias)
        rows = len(bias) // columns
        out = np.empty((len(profiles), len(bias)))
        for c in range(columns):
            x = design_matrix(column_features(profiles, c), np.array(self.mean[c]), np.array(self.scale[c]))
            cells = slice(c * rows, (c + 1) * rows)
            out[:, cells] = 1 / (1 + np.exp(-(x @ weights[cells].T + bias[cells])))
        return out


def design_matrix(x: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2 * F) features (N, F) standardised and clipped at `FAR`, and their squares."""
    z = np.clip((x - mean) / scale, -FAR, FAR)
    return np.column_stack([z, z**2])


def fit(profiles: NDArray[np.float64], named: NDArray[np.bool_], strength: float = 0.1) -> Experts:
    """Fit the regressions to masks and the cells that their prompts name.

    Args:
        profiles: (N, P, C, B), for P kinds of rows: those of the image and, if known, of the lungs.
        named: (N, C * R) whether the prompt names the cell.
        strength: inverse of the penalty, scikit-learn's C.
    """
    columns = profiles.shape[2]
    rows = named.shape[1] // columns
    sample_weight = weights_of_prompts(named)
    mean, scale, weights, bias, precision = [], [], [], [], []
    for c in range(columns):
        x = column_features(profiles, c)
        mean.append(x.mean(axis=0))
        scale.append(x.std(axis=0) + 1e-6)
        standard = (x - mean[-1]) / scale[-1]
        precision.append(np.linalg.inv(standard.T @ standard / len(x) + FLOOR * np.eye(x.shape[1])))
        design = design_matrix(x, mean[-1], scale[-1])
        for r in range(rows):
            cell_weights, cell_bias = fit_cell(design, named[:, c * rows + r], sample_weight, strength)
            weights.append(cell_weights)
            bias.append(cell_bias)
    return Experts(*(rounded(np.array(part)) for part in (mean, scale, weights, bias, precision)))


def weights_of_prompts(named: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,) 1 / sqrt(how many prompts name the same cells), scaled to a mean of 1: else the penalty would weigh more."""
    _, kind, count = np.unique(named, axis=0, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(count[kind.reshape(-1)])
    return weight * (len(weight) / weight.sum())


def fit_cell(
    design: NDArray[np.float64], named: NDArray[np.bool_], sample_weight: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float64], float]:
    """Weights (2 * F,) and bias of one cell's regression; a constant if all prompts name the cell, or none does."""
    from sklearn.linear_model import LogisticRegression

    if named.all() or not named.any():
        return np.zeros(design.shape[1]), CERTAIN if named.all() else -CERTAIN
    regression = LogisticRegression(C=strength, max_iter=1000).fit(design, named, sample_weight=sample_weight)
    return regression.coef_[0], float(regression.intercept_[0])
