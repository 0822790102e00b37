"""What noise in the prompt costs: small functions of clean and noisy scores, higher being better throughout.

A score is one number (Dice, consistency); "by family" means an array (families, severities) or a DataFrame of that
layout, whose index names the families.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metrics.errors import InputError


def drop(clean: ArrayLike, noisy: ArrayLike) -> NDArray[np.float64]:
    """Points lost, clean - noisy, in the unit of the scores; negative where noise helped. Shapes broadcast."""
    return np.asarray(clean, float) - np.asarray(noisy, float)


def relative_drop(clean: ArrayLike, noisy: ArrayLike) -> NDArray[np.float64]:
    """Share of the clean score that is lost, (clean - noisy) / clean; nan where the clean score is 0 or less."""
    clean, lost = np.broadcast_arrays(np.asarray(clean, float), drop(clean, noisy))
    return np.divide(lost, clean, out=np.full(lost.shape, np.nan), where=clean > 0)


def mce(noisy: ArrayLike, reference: ArrayLike, best: float = 1.0) -> float:
    """Mean corruption error, in units of a reference method (Hendrycks and Dietterich 2019, section 4).

    Per family the errors (best - score), summed over severities, are divided by the reference's; then the mean over
    families. Every family weighs alike, whatever its difficulty.

    Args:
        noisy: (families, severities) scores of the method.
        reference: the same of the reference method.
        best: the perfect score, 1 or 100 for percent.

    Returns:
        1 is as the reference, less is better; nan where the reference has no error in some family.

    Raises:
        InputError: shapes differ or have not two axes.
    """
    mine, other = _by_family(noisy, reference)
    return _mean_ratio((best - mine).sum(axis=1), (best - other).sum(axis=1))


def relative_mce(noisy: ArrayLike, reference: ArrayLike, clean: float, reference_clean: float) -> float:
    """Relative mean corruption error: as `mce`, with drops from the clean score in place of errors (equation 2 there).

    Returns:
        1 is the drop of the reference, 0 none; nan where the reference has no drop in some family.
    """
    mine, other = _by_family(noisy, reference)
    return _mean_ratio((clean - mine).sum(axis=1), (reference_clean - other).sum(axis=1))


def area_under_severity(scores: ArrayLike, severities: ArrayLike | None = None) -> NDArray[np.float64] | float:
    """Mean height of the curve of score over severity (trapezium rule, divided by the span).

    Args:
        scores: (..., K) by severity, in most cases the clean score first.
        severities: (K,) rising; by default 0, 1, ..., K - 1, with 0 for clean.

    Returns:
        (...) in the unit of the scores: the score itself where noise does nothing.

    Raises:
        InputError: fewer than two severities, or not rising.
    """
    scores = np.asarray(scores, float)
    x = np.arange(scores.shape[-1] if scores.ndim else 0, dtype=float)
    x = x if severities is None else np.asarray(severities, float)
    if x.ndim != 1 or scores.shape[-1:] != x.shape or x.size < 2 or (np.diff(x) <= 0).any():
        raise InputError(f"scores {scores.shape} at severities {x.tolist()}; give two or more, rising, one per score")
    area = ((scores[..., 1:] + scores[..., :-1]) / 2 * np.diff(x)).sum(axis=-1)
    return area / (x[-1] - x[0])


def worst_family(scores: pd.DataFrame | pd.Series) -> tuple[str, float]:
    """The family whose score, meaned over its severities (nan left out), is the lowest, and that score.

    Args:
        scores: index of families; columns of severities, or a Series of one score each.

    Raises:
        InputError: no family with a score.
    """
    means = (scores.mean(axis=1) if isinstance(scores, pd.DataFrame) else scores.groupby(level=0).mean()).dropna()
    if means.empty:
        raise InputError("no family has a score; give rows of families with a score per severity")
    return str(means.idxmin()), float(means.min())


def _by_family(noisy: ArrayLike, reference: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if isinstance(noisy, pd.DataFrame) and isinstance(reference, pd.DataFrame):
        if set(noisy.index) != set(reference.index) or set(noisy.columns) != set(reference.columns):
            raise InputError("method and reference have different families or severities; give the same to both")
        reference = reference.loc[noisy.index, noisy.columns]
    mine, other = np.asarray(noisy, float), np.asarray(reference, float)
    if mine.shape != other.shape or mine.ndim != 2:
        raise InputError(f"scores of shape {mine.shape} and {other.shape}; give (families, severities) to both")
    return mine, other


def _mean_ratio(mine: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    ratio = np.divide(mine, other, out=np.full(mine.shape, np.nan), where=other > 0)
    return float(ratio.mean()) if ratio.size else float("nan")
