"""How sure a mean, a difference or a ratio is: intervals over subjects, and over trainings where there are three.

`metrics.resample` says what is drawn, `metrics.ranking` which methods differ significantly. docs/statistics.md shows by
simulation how often each interval has the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.errors import InputError
from metrics.resample import Draws, Statistic, draw, draw_seeds, subject_counts
from metrics.sample import MIN_SEEDS, Floats, Sample, mean_of

FEW = 10  # subjects; with fewer a draw may have one subject alone, and Student's t is taken
ROUNDING = 1e-12  # what is closer to 0 than this is 0


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
        """Whether the interval speaks of trainings like these, and not of these alone."""
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
        InputError: not one or two axes, an infinite value, n or level out of range, another number of subjects.
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
    """As `bootstrap_mean` of each of several arrays on the same images, such as those of all methods, in one go."""
    samples = [Sample.of([[array]], subjects) for array in values]
    intervals = _studentised(samples, lambda means: means[..., 0], seed, n, _level(level))
    return [
        Interval(found.mean, max(found.lo, bounds[0]), min(found.hi, bounds[1]), sample)
        if np.isfinite(found.lo)
        else found
        for found, sample in zip(intervals, samples, strict=True)
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
    return _studentised([sample], lambda means: means[..., 0] - means[..., 1], seed, n, _level(level))[0]


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
    draws = draw(Sample.of(groups, subjects), list(statistics.values()), seed, n)
    return {name: percentile_interval(draws, k, level) for k, name in enumerate(statistics)}


def percentile_interval(draws: Draws, k: int, level: float = 0.95) -> Interval:
    """The interval of one of the drawn statistics, as in `bootstrap_statistics`."""
    both = draws.images[:, k] + draws.seeds[:, k]
    known = both[np.isfinite(both)]
    undefined = 1 - len(known) / len(both)
    if not known.size or draws.sample.subjects < 2:
        return Interval(float(draws.values[k]), np.nan, np.nan, draws.sample, undefined)
    tail = _outer_tail(draws.sample.subjects, _level(level))
    low, high = np.quantile(known, [tail, 1 - tail])
    return Interval(float(draws.values[k]), float(low), float(high), draws.sample, undefined)


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


def _studentised(samples: Sequence[Sample], statistic: Statistic, seed: int, n: int, level: float) -> list[Interval]:
    """Intervals of the mean of one array, or of the first array less the second, from draws of (m* - m) / se*."""
    if n < 1:
        raise InputError(f"n is {n}; give 1 or more draws")
    ratios: dict[int, Floats] = {}
    errors: dict[int, float] = {}
    for group in _same_subjects(samples):
        totals, sizes = _totals([samples[i] for i in group])
        subjects = len(sizes)
        if subjects < 2:
            continue
        _, error = _mean_and_error(np.ones((1, subjects)), totals, sizes)
        drawn = _few_ratios(len(group), subjects, n, seed) if subjects < FEW else _ratios(totals, sizes, n, seed)
        errors |= dict(zip(group, error[0], strict=True))
        ratios |= dict(zip(group, drawn.T, strict=True))
    found = []
    for i, sample in enumerate(samples):
        value = float(statistic(sample.means))
        if i not in ratios:
            found.append(Interval(value, np.nan, np.nan, sample))
            continue
        moved = errors[i] * ratios[i] + draw_seeds(sample, [statistic], n, seed)[0][:, 0]
        known = moved[np.isfinite(moved)]
        low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]) if known.size else (0.0, 0.0)
        found.append(Interval(value, value - float(high), value - float(low), sample))
    return found


def _same_subjects(samples: Sequence[Sample]) -> list[list[int]]:
    """Positions of the samples that have the same images of the same subjects."""
    groups: dict[bytes, list[int]] = {}
    for i, sample in enumerate(samples):
        groups.setdefault(sample.subject.tobytes(), []).append(i)
    return list(groups.values())


def _totals(samples: Sequence[Sample]) -> tuple[Floats, Floats]:
    """Sums over the images of each subject (G, K) of each sample's mean over seeds, and numbers of images (G,)."""
    per_image = [[mean_of(array, 0)[0] for array in sample.arrays] for sample in samples]
    values = np.stack([parts[0] - parts[1] if len(parts) > 1 else parts[0] for parts in per_image])
    first = samples[0]
    return first.by_subject(values).T, first.by_subject(np.ones(first.images))


def _few_ratios(count: int, subjects: int, n: int, seed: int) -> Floats:
    """(n, count) draws of Student's t, the same for every sample."""
    drawn = np.random.default_rng(seed).spawn(3)[2].standard_t(subjects - 1, size=n)
    return np.repeat(drawn[:, None], count, axis=1)


def _ratios(totals: Floats, sizes: Floats, n: int, seed: int) -> Floats:
    """(m* - m) / se* (n, K) of n draws of subjects with totals (G, K) and sizes (G,); nan where a draw has equal values
    only."""
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


@lru_cache
def _outer_tail(subjects: int, level: float) -> float:
    """The share of the draws to cut at either end, smaller for few subjects."""
    from scipy.special import ndtr, stdtrit  # the normal distribution, and quantiles of Student's t

    return float(ndtr(-np.sqrt(subjects / (subjects - 1)) * stdtrit(subjects - 1, (1 + level) / 2)))


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise InputError(f"level {level}; give a level between 0 and 1")
    return level
