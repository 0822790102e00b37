"""Which methods differ significantly: letters and ranks from all pairwise comparisons at once.

Every pair is compared, and the largest of all studentised differences decides what counts as one (the maximum
statistic, Westfall and Young 1993, section 2.3): among equal methods some pair differs in about 5 % of the cases,
whatever their number. Where every method has three seeds or more, how its trainings differ is part of it: each pair is
divided by what its own two methods vary, for one method's trainings may differ ten times as much as another's, and the
draws vary as much as three trainings leave that variance open (docs/statistics.md shows the effect of this). Two
methods share a letter if and only if they do not differ significantly (Piepho 2004's compact letter display), and the
ranks of a method are those that the comparisons leave open (Al Mohamad et al. 2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics._resampling import largest_ratios
from metrics.errors import InputError
from metrics.resample import check_draws, check_level, subject_counts
from metrics.sample import MIN_SEEDS, Floats, Sample
from metrics.slopes import Statistic, influences, slopes_of
from metrics.trainings import seed_effects

SMALLEST = 1e-12  # a standard error below is none: the pair is equal on every subject, up to a constant


class Place(NamedTuple):
    """Letters that methods share which do not differ significantly, and the ranks (1 is best) that are left open."""

    letters: str
    lo: int
    hi: int


def places(
    values: Mapping[str, ArrayLike],
    seed: int,
    higher_is_better: bool = True,
    n: int = 2000,
    level: float = 0.95,
    subjects: ArrayLike | None = None,
) -> dict[str, Place]:
    """Letters and ranks of methods by their means.

    Args:
        values: method -> (N,) or (S, N) on the same images. An image without a value in one method is left out.
        higher_is_better: False for distances.
        seed, n, subjects: as in `metrics.stats.bootstrap_mean`.
        level: of all comparisons together.

    Returns:
        method -> its place, ordered from best to worst mean.

    Raises:
        InputError: as `bootstrap_mean`; no image that all methods have a value for.
    """
    if not values:
        return {}
    sample = Sample.of([[v] for v in values.values()], subjects)
    if not sample.images:
        raise InputError(f"no image has a value for all of {', '.join(values)}; fill empty masks first (fill_empty)")
    statistics = {name: lambda means, k=k: means[..., k] for k, name in enumerate(values)}
    return places_of(sample, statistics, seed, higher_is_better, n, level)


def places_of(
    sample: Sample,
    statistics: Mapping[str, Statistic],
    seed: int,
    higher_is_better: bool = True,
    n: int = 2000,
    level: float = 0.95,
) -> dict[str, Place]:
    """Letters and ranks of methods by one statistic each, of the means of the sample's arrays.

    Arguments as in `places`. A method whose statistic is not defined has no place.
    """
    check_draws(seed, n)
    check_level(level)
    values = {name: float(f(sample.means)) for name, f in statistics.items()}
    sign = 1.0 if higher_is_better else -1.0
    names = sorted((m for m, v in values.items() if np.isfinite(v)), key=lambda m: -sign * values[m])
    if not names:
        return {}
    means = np.array([values[m] for m in names])
    apart = significant_pairs(sample, [statistics[m] for m in names], means, seed, n, level)
    upper = np.triu(apart)
    ranks = zip(1 + upper.sum(axis=0), len(names) - upper.sum(axis=1), strict=True)
    return {m: Place(k, int(lo), int(hi)) for m, k, (lo, hi) in zip(names, letters_of(apart), ranks, strict=True)}


def significant_pairs(
    sample: Sample, statistics: Sequence[Statistic], values: Floats, seed: int, n: int, level: float
) -> NDArray[np.bool_]:
    """(K, K) whether two statistics differ, at a level for all pairs together.

    Args:
        sample: M arrays.
        statistics: K functions of the M means.
        values: (K,) of them for the sample itself.
        seed, n: of the draws, and their number.
        level: of all comparisons together.
    """
    first, second = np.triu_indices(len(statistics), 1)
    apart = np.zeros((len(statistics),) * 2, bool)
    if sample.subjects < 2 or not first.size:
        return apart
    _, for_seeds = np.random.default_rng(seed).spawn(2)
    slopes = slopes_of(sample, statistics)
    variance, freedom = _variance_of_trainings(sample, slopes)
    moved = np.sqrt(variance) * for_seeds.standard_normal((n, len(statistics)))
    from_seeds = variance * for_seeds.chisquare(freedom, size=(n, len(statistics))) / freedom
    of_subject = influences(sample, slopes)
    pairs = of_subject[:, first] - of_subject[:, second]
    _, error = _mean_and_variance(np.ones((1, sample.subjects)), pairs)
    error = np.sqrt(error[0] + variance[first] + variance[second])
    varied = error > SMALLEST
    compared = first[varied], second[varied]
    squared = pairs[:, varied] ** 2
    largest = np.zeros(n)
    for rows, counts in subject_counts(sample.subjects, n, seed):
        # the mean of a difference is the difference of means, of which there are far fewer
        means = counts @ of_subject / sample.subjects
        largest[rows] = largest_ratios(
            means, counts @ squared, moved[rows], from_seeds[rows], *compared, sample.subjects, SMALLEST
        )
    gaps = np.abs(values[first] - values[second])
    apart[first, second] = gaps > np.quantile(largest, level) * error + SMALLEST
    return apart | apart.T


def _variance_of_trainings(sample: Sample, slopes: Floats) -> tuple[Floats, Floats]:
    """What other trainings add to the variance of each of K statistics (K,), and its degrees of freedom (K,).

    Args:
        slopes: (K, M) of the statistics, `slopes_of`.

    A statistic of two trainings, such as a ratio to a reference's, has the degrees of freedom that Satterthwaite's
    formula gives it. 0 where some method has fewer than three seeds: the comparison is then of these trainings alone.
    """
    count = len(slopes)
    if sample.seeds < MIN_SEEDS:
        return np.zeros(count), np.ones(count)
    effects = [e for e, _ in seed_effects(sample, slopes)]
    parts = [(e**2).sum(axis=0) / (len(e) * (len(e) - 1)) for e in effects]
    sizes = [len(e) - 1 for e in effects]
    variance = np.sum(parts, axis=0)
    uncertain = np.sum([part**2 / size for part, size in zip(parts, sizes, strict=True)], axis=0)
    freedom = np.divide(variance**2, uncertain, out=np.full(count, float(min(sizes))), where=uncertain > 0)
    return variance, freedom


def letters_of(apart: NDArray[np.bool_]) -> list[str]:
    """Letters of methods (best first) so that two share one if and only if they do not differ significantly."""
    columns = [frozenset(range(len(apart)))]
    for i, j in zip(*np.nonzero(np.triu(apart)), strict=True):
        split = {part for c in columns for part in ([c - {i}, c - {j}] if {i, j} <= c else [c])}
        largest = sorted(split, key=len, reverse=True)
        columns = [c for k, c in enumerate(largest) if not any(c <= other for other in largest[:k])]
    columns.sort(key=lambda column: sorted(column))
    return ["".join(_letter(k) for k, column in enumerate(columns) if i in column) for i in range(len(apart))]


def _mean_and_variance(counts: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Mean (n, P) of values (G, P) over subjects drawn `counts` (n, G) times, and the variance of that mean."""
    subjects = len(values)
    mean = counts @ values / subjects
    return mean, np.maximum(counts @ values**2 / subjects - mean**2, 0) / (subjects - 1)


def _letter(k: int) -> str:
    return chr(ord("a") + k) if k < 26 else _letter(k // 26 - 1) + _letter(k % 26)
