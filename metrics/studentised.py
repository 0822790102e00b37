"""Studentised bootstrap intervals of means and of paired differences, of many methods at once.

A draw gives (m* - m) / se*, the error of its mean in units of its standard error (Efron and Tibshirani 1993, section
12.5). Methods that were scored on the same images use the same draws, so that one matrix product serves all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics.resample import check_draws, subject_counts
from metrics.sample import Floats, Sample, finite_quantiles, mean_of, same_images, stacks
from metrics.trainings import draw_seeds, draw_seeds_of_means

FEW = 10  # subjects; with fewer, a draw may contain one subject alone, and Student's t is used
ROUNDING = 1e-12  # what is closer to 0 than this is 0


def studentised(samples: Sequence[Sample], seed: int, n: int, level: float) -> list[tuple[float, float, float]]:
    """Mean, lower and upper end for each sample.

    Args:
        samples: with one array each, or with two, for the mean of the first less the second.
        seed: of the draws.
        n: number of draws.
        level: of the intervals.

    Returns:
        Ends are nan for fewer than two subjects; everything is nan for no image.

    Raises:
        InputError: as `check_draws`.
    """
    check_draws(seed, n)
    values = [_value(sample) for sample in samples]
    intervals = [(value, np.nan, np.nan) for value in values]
    for group in same_images(samples):
        same = [samples[i] for i in group]
        if same[0].subjects < 2:
            continue
        errors = _errors_of_images(same, n, seed) + _errors_of_trainings(same, n, seed)
        ends = np.nan_to_num(finite_quantiles(errors, ((1 - level) / 2, (1 + level) / 2)))
        for i, (low, high) in zip(group, ends.T, strict=True):
            intervals[i] = values[i], values[i] - high, values[i] - low
    return intervals


def _value(sample: Sample) -> float:
    means = sample.means
    return float(means[0] - means[1] if len(means) > 1 else means[0])


def _errors_of_images(samples: Sequence[Sample], n: int, seed: int) -> Floats:
    """(n, K) errors of K means on the same images; nan where a draw has equal values only."""
    totals, sizes = _totals(samples)
    subjects = len(sizes)
    _, error = _mean_and_error(np.ones((1, subjects)), totals, sizes)
    if subjects < FEW:
        return error * np.random.default_rng(seed).spawn(3)[2].standard_t(subjects - 1, size=n)[:, None]
    return error * _ratios(totals, sizes, n, seed)


def _errors_of_trainings(samples: Sequence[Sample], n: int, seed: int) -> Floats:
    """(n, K) what other trainings would add to K means."""
    if all(len(sample.arrays) == 1 for sample in samples):
        return draw_seeds_of_means(samples, n, seed)
    return np.hstack([draw_seeds(sample, [lambda m: m[..., 0] - m[..., 1]], n, seed) for sample in samples])


def _totals(samples: Sequence[Sample]) -> tuple[Floats, Floats]:
    """Sums over the images of each subject (G, K) of each sample's mean over seeds, and numbers of images (G,)."""
    first = samples[0]
    values = np.empty((len(samples), first.images))
    alone = [k for k, sample in enumerate(samples) if len(sample.arrays) == 1]
    for positions, arrays in stacks([samples[k] for k in alone]):
        values[[alone[k] for k in positions]] = mean_of(arrays, 1)[:, 0]
    for k in set(range(len(samples))) - set(alone):
        of_first, of_second = (mean_of(array, 0)[0] for array in samples[k].arrays)
        values[k] = of_first - of_second
    return first.by_subject(values).T, first.by_subject(np.ones(first.images))


def _ratios(totals: Floats, sizes: Floats, n: int, seed: int) -> Floats:
    """(m* - m) / se* (n, K) of n draws of subjects with totals (G, K) and sizes (G,).

    nan where a draw has equal values only, so that its standard error is 0.
    """
    means, errors = np.empty((n, totals.shape[1])), np.empty((n, totals.shape[1]))
    for rows, counts in subject_counts(len(totals), n, seed):
        means[rows], errors[rows] = _mean_and_error(counts, totals, sizes)
    gaps = means - totals.sum(axis=0) / sizes.sum()
    smallest = ROUNDING * np.maximum(np.abs(totals).max(axis=0, initial=0.0), 1.0)
    return np.divide(gaps, errors, out=np.full(gaps.shape, np.nan), where=errors > smallest)


def _mean_and_error(counts: Floats, totals: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Means and their standard errors (n, K) over subjects drawn `counts` (n, G) times, totals (G, K), sizes (G,)."""
    subjects = len(totals)
    alone = (sizes == 1).all()  # every subject has one image
    number = (counts @ sizes)[:, None]
    sums = counts @ totals
    mean = sums / number
    shared = sums if alone else counts @ (totals * sizes[:, None])
    squared = number if alone else (counts @ sizes**2)[:, None]
    squares = counts @ totals**2 - 2 * mean * shared + mean**2 * squared
    return mean, np.sqrt(np.maximum(squares, 0) * subjects / (subjects - 1)) / number
