"""What noise in the prompt costs: small functions of clean and noisy scores, higher being better throughout.

A score is one number (Dice, consistency), of a family of noise the mean over its severities. Leading axes (...) may be
draws of a bootstrap.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import numbers
from metrics.errors import InputError


def drop(clean: ArrayLike, noisy: ArrayLike) -> NDArray[np.float64]:
    """Points lost, clean - noisy, in the unit of the scores; negative where noise helped.

    Args:
        clean, noisy: scores of shapes that broadcast.

    Raises:
        InputError: not numbers, or shapes that do not broadcast.
    """
    first, second = _broadcast(numbers(clean, "clean scores"), numbers(noisy, "noisy scores"))
    return first - second


def relative_drop(clean: ArrayLike, noisy: ArrayLike) -> NDArray[np.float64]:
    """Share of the clean score that is lost, (clean - noisy) / |clean|; nan where the clean score is 0.

    A distance is given as its negative, so that higher is better; its share is by how much it grew. Arguments and
    errors as in `drop`.
    """
    base, lost = np.broadcast_arrays(numbers(clean, "clean scores"), drop(clean, noisy))
    return np.divide(lost, np.abs(base), out=np.full(lost.shape, np.nan), where=base != 0)


def mce(noisy: ArrayLike, reference: ArrayLike, best: float = 1.0) -> NDArray[np.float64]:
    """Mean corruption error, in units of a reference method (Hendrycks and Dietterich 2019, section 4).

    Per family the error (best - score) is divided by the reference's; then the mean over families. Every family weighs
    alike, whatever its difficulty. A mean over severities instead of their sum leaves the ratio as it is.

    Args:
        noisy: (..., families) scores of the method, means over the severities.
        reference: the same of the reference method, families and severities alike.
        best: the perfect score, 1 or 100 for percent.

    Returns:
        (...): 1 is as the reference, less is better; nan where the reference has no error in some family, and where
        there is no family.

    Raises:
        InputError: not numbers, or shapes that differ.
    """
    mine, other = _paired(noisy, reference)
    return _mean_ratio(best - mine, best - other)


def relative_mce(
    noisy: ArrayLike, reference: ArrayLike, clean: ArrayLike, reference_clean: ArrayLike
) -> NDArray[np.float64]:
    """Relative corruption error: the mean drop from the clean score (...) over that of the reference.

    Hendrycks and Dietterich 2019, equation 2, but a ratio of means instead of a mean of ratios: single families may
    cost the reference nothing, and to leave out those that seem to, by the same images, biases the mean of ratios.

    Args:
        noisy, reference: (..., families) as in `mce`.
        clean, reference_clean: (...) clean scores of the method and of the reference.

    Returns:
        (...): 1 is the drop of the reference, 0 none; nan where the reference has no drop, or there is no family.

    Raises:
        InputError: as `mce`, or clean scores of another shape.
    """
    mine, other = _paired(noisy, reference)
    if not mine.shape[-1]:
        return np.full(mine.shape[:-1], np.nan)
    own = drop(numbers(clean, "clean scores")[..., None], mine).mean(axis=-1)
    unit = drop(numbers(reference_clean, "clean scores")[..., None], other).mean(axis=-1)
    own, unit = _broadcast(own, unit)
    return np.divide(own, unit, out=np.full(unit.shape, np.nan), where=unit > 0)


def area_under_severity(scores: ArrayLike, severities: ArrayLike | None = None) -> NDArray[np.float64] | float:
    """Mean height of the curve of score over severity (trapezium rule, divided by the span).

    Args:
        scores: (..., K) by severity, in most cases the clean score first.
        severities: (K,) rising; by default 0, 1, ..., K - 1, with 0 for clean.

    Returns:
        (...) in the unit of the scores: the score itself where noise does nothing.

    Raises:
        InputError: not numbers, fewer than two severities, or not rising.
    """
    y = numbers(scores, "scores")
    x = np.arange(y.shape[-1] if y.ndim else 0, dtype=float)
    x = x if severities is None else numbers(severities, "severities")
    if x.ndim != 1 or y.shape[-1:] != x.shape or x.size < 2 or not (np.diff(x) > 0).all():
        raise InputError(f"scores {y.shape} at severities {x.tolist()}; give two or more, rising, one per score")
    area = ((y[..., 1:] + y[..., :-1]) / 2 * np.diff(x)).sum(axis=-1)
    return area / (x[-1] - x[0])


def worst_family(scores: Mapping[str, float]) -> tuple[str, float]:
    """The family whose score is the lowest (the first of several), and that score; nan is left out.

    Raises:
        InputError: no family with a score.
    """
    known = {family: score for family, score in scores.items() if not np.isnan(score)}
    if not known:
        raise InputError("no family has a score; give one per family, the mean over its severities")
    family = min(known, key=lambda name: known[name])
    return family, float(known[family])


def _paired(noisy: ArrayLike, reference: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mine, other = numbers(noisy, "noisy scores"), numbers(reference, "scores of the reference")
    if mine.shape != other.shape or not mine.ndim:
        raise InputError(f"scores of shape {mine.shape} and {other.shape}; give (..., families) to both")
    return mine, other


def _mean_ratio(mine: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over families of mine / other (..., families), nan where some other is 0 or less."""
    if not mine.shape[-1]:
        return np.full(mine.shape[:-1], np.nan)
    return np.divide(mine, other, out=np.full(mine.shape, np.nan), where=other > 0).mean(axis=-1)


def _broadcast(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both in their common shape."""
    try:
        both = np.broadcast_arrays(first, second)
    except ValueError:
        raise InputError(f"scores of shape {first.shape} and {second.shape}; give shapes that broadcast") from None
    return both[0], both[1]
