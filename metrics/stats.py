"""Intervals of means, differences and ratios: over subjects, and over trainings if there are three or more.

`metrics.resample` says what is drawn, `metrics.ranking` which methods differ significantly. docs/statistics.md shows by
simulation how often each interval has the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.resample import Draws, check_level, draw
from metrics.sample import MIN_SEEDS, Floats, Sample, finite_quantiles
from metrics.slopes import Statistic
from metrics.studentised import ROUNDING, studentised

Request = tuple[Sequence[Sequence[ArrayLike]], Mapping[str, Statistic]]  # groups and statistics


class _Triple(NamedTuple):
    mean: float
    lo: float
    hi: float


class Interval(_Triple):
    """(mean, lo, hi), and beside the tuple what it rests on.

    Attributes:
        n: images used.
        dropped: images without a value.
        subjects: what was drawn; as many as images where none are known.
        seeds: trainings; from three on, `lo` and `hi` have how trainings differ in them.
        undefined: share of the draws in which the value is not defined; `lo` and `hi` are of the others.
    """

    n: int
    dropped: int
    subjects: int
    seeds: int
    undefined: float

    def __new__(
        cls, mean: float, lo: float, hi: float, sample: Sample | None = None, undefined: float = 0.0
    ) -> Interval:
        self = super().__new__(cls, float(mean), float(lo), float(hi))
        self.n, self.dropped = (sample.images, sample.dropped) if sample else (0, 0)
        self.subjects, self.seeds = (sample.subjects, sample.seeds) if sample else (0, 0)
        self.undefined = undefined
        return self

    @property
    def of_trainings(self) -> bool:
        """Whether the interval applies to further trainings like these, not to these alone."""
        return self.seeds >= MIN_SEEDS


def bootstrap_mean(
    values: ArrayLike,
    seed: int,
    n: int = 2000,
    level: float = 0.95,
    subjects: ArrayLike | None = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Interval:
    """Mean over images with its studentised bootstrap interval (Efron and Tibshirani 1993, section 12.5).

    Studentised, since the percentile interval is too narrow for few subjects and for skewed values such as distances
    with a few diagonals among them. With fewer than ten subjects it is Student's t interval.

    Args:
        values: (N,) one value per image, or (S, N) for S training seeds of one method. nan: the image has no value,
            and is left out where no seed has one.
        seed: of the draws.
        n: number of draws.
        level: of the interval.
        subjects: (N,) name of the subject of each image; an empty one is a subject of its own. None: all are.
        bounds: what a value can be at least and at most; the interval is cut there.

    Returns:
        (mean, lo, hi), all nan when no image has a value, lo and hi nan for one subject.

    Raises:
        InputError: not numbers, not one or two axes, an infinite value, a seed, n or level out of range, another number
            of subjects.
    """
    return bootstrap_means([values], seed, n, level, subjects, bounds)[0]


def bootstrap_means(
    values: Sequence[ArrayLike],
    seed: int,
    n: int = 2000,
    level: float = 0.95,
    subjects: ArrayLike | None = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> list[Interval]:
    """As `bootstrap_mean` of each of several arrays on the same images, such as those of all methods, in one go.

    Args:
        values: arrays (N,) or (S, N), each with its own number of seeds S.
        seed, n, level, subjects, bounds: as in `bootstrap_mean`, the same for all.

    Returns:
        An interval for each array, in their order.

    Raises:
        InputError: as `bootstrap_mean`.
    """
    samples = [Sample.of([[array]], subjects) for array in values]
    least, most = bounds
    return [  # of nan and a bound, max and min return the first
        Interval(mean, max(low, least), min(high, most), sample)
        for (mean, low, high), sample in zip(studentised(samples, seed, n, check_level(level)), samples, strict=True)
    ]


def paired_difference(
    a: ArrayLike, b: ArrayLike, seed: int, n: int = 2000, level: float = 0.95, subjects: ArrayLike | None = None
) -> Interval:
    """Mean of a - b over the same images with its studentised interval; 0 outside of it: they differ.

    Args:
        a: (N,) or (S, N), as in `bootstrap_mean`.
        b: (N,) or (S', N), the same images in the same order; other trainings.
        seed, n, level, subjects: as in `bootstrap_mean`.

    Returns:
        (mean, lo, hi) in the unit of the values; images without a value in either are `.dropped`.

    Raises:
        InputError: as `bootstrap_mean`, and different numbers of images.
    """
    sample = Sample.of([[a], [b]], subjects)
    [ends] = studentised([sample], seed, n, check_level(level))
    return Interval(*ends, sample)


def bootstrap_statistics(
    groups: Sequence[Sequence[ArrayLike]],
    statistics: Mapping[str, Statistic],
    seed: int,
    n: int = 2000,
    level: float = 0.95,
    subjects: ArrayLike | None = None,
) -> dict[str, Interval]:
    """Functions of means, such as a ratio of two, with percentile intervals from the same draws.

    The quantiles are moved outwards as Student's t is wider than the normal distribution (Hesterberg 2015, section
    4.1), which the percentile interval of few subjects lacks.

    Args:
        groups: the arrays of each method, (N,) or (S, N) of its S training seeds. A draw takes the same subjects for
            all arrays, and the same trainings for those of a group. An image without a value in any array is left out.
        statistics: name -> function of the means (..., M) of all M arrays, in their order, that returns (...); nan
            where it is not defined. It is called with the means themselves (M,) and with those of draws (n, M).
        seed, n, level, subjects: as in `bootstrap_mean`.

    Returns:
        name -> (value, lo, hi), the interval that of the draws in which the function is defined.

    Raises:
        InputError: as `bootstrap_mean`, and different numbers of images, or of seeds within a group.
    """
    return bootstrap_each([(groups, statistics)], seed, n, level, subjects)[0]


def bootstrap_each(
    requests: Sequence[Request],
    seed: int,
    n: int = 2000,
    level: float = 0.95,
    subjects: ArrayLike | None = None,
) -> list[dict[str, Interval]]:
    """As `bootstrap_statistics` of several requests on the same images, such as those of all methods, in one go.

    Args:
        requests: (groups, statistics) of each, as in `bootstrap_statistics`.
        seed, n, level, subjects: as in `bootstrap_mean`, the same for all.

    Returns:
        name -> interval for each request, in their order.

    Raises:
        InputError: as `bootstrap_statistics`, or a request without a statistic.
    """
    samples = [Sample.of(groups, subjects) for groups, _ in requests]
    draws = draw(samples, [list(statistics.values()) for _, statistics in requests], seed, n)
    return [
        dict(zip(statistics, _percentile_intervals(own, level), strict=True))
        for own, (_, statistics) in zip(draws, requests, strict=True)
    ]


def _percentile_intervals(draws: Draws, level: float) -> list[Interval]:
    """The interval of each of the drawn statistics."""
    both = draws.images + draws.seeds
    ends = np.full((2, both.shape[1]), np.nan)
    if draws.sample.subjects > 1:
        tail = _outer_tail(draws.sample.subjects, check_level(level))
        ends = finite_quantiles(both, (tail, 1 - tail))
    undefined = 1 - np.isfinite(both).mean(axis=0)
    return [
        Interval(value, low, high, draws.sample, float(share))
        for value, (low, high), share in zip(draws.values, ends.T, undefined, strict=True)
    ]


def corrected(means: Floats) -> Floats:
    """(score - own chance) / (ceiling - experts' chance) of the means (..., 4); nan where experts are at chance.

    0 for a predictor that scores as with another image's prompt, 1 for one that scores above chance as the experts do.
    """
    gain, room = means[..., 0] - means[..., 1], means[..., 2] - means[..., 3]
    gain = np.where(np.abs(gain) < ROUNDING, 0.0, gain)
    return np.divide(gain, room, out=np.full(np.shape(gain), np.nan), where=room > ROUNDING)


def bootstrap_corrected(
    score: ArrayLike,
    chance: ArrayLike,
    ceiling: ArrayLike,
    experts_chance: ArrayLike,
    seed: int,
    n: int = 2000,
    level: float = 0.95,
    subjects: ArrayLike | None = None,
) -> Interval:
    """Chance-corrected consistency, (score - chance) / (ceiling - experts' chance) of the means, with its interval.

    Args:
        score: (N,) or (S, N) of a method; nan where the prompt states nothing.
        chance: the shape of score: the same masks against all other images' prompts.
        ceiling: (N,) the experts' masks under the same prompts.
        experts_chance: (N,) the experts' masks against all other images' prompts.
        seed, n, level, subjects: as in `bootstrap_mean`; each draw takes the same images for all four.

    Returns:
        (value, lo, hi): 1 as far above chance as the experts' masks, 0 as with another image's prompt. nan when no
        image has all four, or when the experts do no better than chance, as where all prompts state the same.

    Raises:
        InputError: as `bootstrap_mean`, and different numbers of images.
    """
    groups = [[score, chance], [ceiling, experts_chance]]
    return bootstrap_statistics(groups, {"corrected": corrected}, seed, n, level, subjects)["corrected"]


@lru_cache
def _outer_tail(subjects: int, level: float) -> float:
    """The share of the draws to cut at either end, smaller for few subjects."""
    from scipy.special import ndtr, stdtrit  # the normal distribution, and quantiles of Student's t

    return float(ndtr(-np.sqrt(subjects / (subjects - 1)) * stdtrit(subjects - 1, (1 + level) / 2)))
