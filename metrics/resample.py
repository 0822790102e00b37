"""Resampling of per-image values: subjects are drawn with all their images, and seeds of a training add their part.

The images of one person resemble one another, so whole subjects are drawn; where none are known, every image is one.
Three seeds or more say how far trainings differ: their means, less the noise that images put into them, have a variance
that is added with Student's t of as few degrees of freedom. Fewer say nothing of it, and a result then speaks of these
trainings alone. Resampling is done with counts (how often each subject was drawn), so that the means of all draws are
one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.errors import InputError

CHUNK = 1 << 21  # counts in memory at once: 16 MB
KEPT = 1 << 22  # counts that are kept for the next sample: 32 MB
MIN_SEEDS = 3  # below, nothing is said of how trainings differ
STEP = 1e-5  # of the numerical derivative, in units of the largest mean
Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Sample:
    """Values of M arrays, each (S, N) for S seeds of one method, on the N images that all have a value for.

    Args:
        arrays: M of them, nan where a seed has no value.
        groups: how many of the arrays, in their order, are of one training each.
        subject: (N,) which subject each image is of, from 0.
        dropped: images left out.
        seeds: of the training that has the fewest; an array given as (N,) is of no training. 1 where there is none.
    """

    arrays: list[Floats]
    groups: list[int]
    subject: NDArray[np.int64]
    dropped: int
    seeds: int

    @classmethod
    def of(cls, groups: Sequence[Sequence[ArrayLike]], subjects: ArrayLike | None = None) -> Sample:
        """From the arrays (N,) or (S, N) of each training, and (N,) names of subjects.

        Raises:
            InputError: other shapes, an infinite value, different numbers of images, or of seeds within a group.
        """
        arrays = [_checked(array) for group in groups for array in group]
        seeds = min((len(a) for a in arrays if a.ndim == 2), default=1)
        arrays = [np.atleast_2d(a) for a in arrays]
        sizes = {a.shape[1] for a in arrays}
        if len(sizes) > 1:
            raise InputError(f"values of {' and '.join(map(str, sorted(sizes)))} images; give the same images to each")
        start = 0
        for group in groups:
            counts = [len(a) for a in arrays[start : start + len(group)]]
            start += len(group)
            if len(set(counts)) > 1:
                raise InputError(
                    f"arrays of one group have {' and '.join(map(str, counts))} seeds; give the same to each"
                )
        keep = np.logical_and.reduce([np.isfinite(a).any(axis=0) for a in arrays])
        subject = _codes(subjects, keep)
        return cls([a[:, keep] for a in arrays], [len(g) for g in groups], subject, int((~keep).sum()), seeds)

    @property
    def images(self) -> int:
        return len(self.subject)

    @cached_property
    def shares(self) -> Floats:
        """(M, G) how much the images of each subject move each mean: their values less the mean, over how many."""
        known = [np.isfinite(a) for a in self.arrays]
        gaps = [np.where(k, a - m, 0.0).sum(axis=0) for a, k, m in zip(self.arrays, known, self.means, strict=True)]
        return self.by_subject(np.stack(gaps)) / np.array([[k.sum()] for k in known])

    @cached_property
    def trainings(self) -> list[tuple[slice, Floats, Floats]]:
        """Of each training of three seeds or more: which arrays are its own, and how they differ between seeds.

        That is how far each seed is from the mean (A, S), and what neither seed nor image explain, (A, S, G) sums over
        the images of each subject.
        """
        found, start = [], 0
        for size in self.groups:
            own = slice(start, start + size)
            start += size
            if not self.images or len(self.arrays[own.start]) < MIN_SEEDS:
                continue
            stacked = np.stack(self.arrays[own])
            of_seed, of_image, mean = (mean_of(stacked, axis) for axis in (2, 1, (1, 2)))
            rest = np.nan_to_num(stacked - of_seed - of_image + mean)
            found.append((own, (of_seed - mean)[:, :, 0], self.by_subject(rest)))
        return found

    @cached_property
    def subjects(self) -> int:
        return int(self.subject.max()) + 1 if self.images else 0

    @cached_property
    def means(self) -> Floats:
        """(M,) over images and seeds; nan where there is no image."""
        return np.array([mean_of(a, (0, 1)).item() for a in self.arrays])

    def by_subject(self, values: Floats) -> Floats:
        """Sums over the images of each subject: (..., N) -> (..., G)."""
        if self.subjects == self.images and (self.subject == np.arange(self.images)).all():
            return values
        flat = values.reshape(-1, self.images)
        sums = np.array([np.bincount(self.subject, row, self.subjects) for row in flat])
        return sums.reshape(*values.shape[:-1], self.subjects)


@dataclass(frozen=True)
class Draws:
    """K statistics and their draws.

    Args:
        values: (K,) of the sample itself.
        images: (n, K) with other subjects drawn; nan where a statistic is undefined.
        seeds: (n, K) what other trainings would add to it; 0 with fewer than three seeds.
        seed_variance: (K,) of that part.
        sample: what was drawn from.
    """

    values: Floats
    images: Floats
    seeds: Floats
    seed_variance: Floats
    sample: Sample


def draw(sample: Sample, statistics: Sequence[Statistic], seed: int, n: int) -> Draws:
    """Draw subjects and trainings `n` times.

    Args:
        sample: M arrays.
        statistics: K functions of the means (..., M) that return (...), nan where they are not defined.
        seed: of the draws; the same seed and number of subjects draw the same subjects.
    """
    if n < 1:
        raise InputError(f"n is {n}; give 1 or more draws")
    means = sample.means
    drawn = _means_of_draws(sample, n, seed)
    values = np.array([float(f(means)) for f in statistics])
    images = np.stack([np.broadcast_to(f(drawn), n) for f in statistics], axis=1)
    seeds, variance = draw_seeds(sample, statistics, n, seed)
    return Draws(values, images, seeds, variance, sample)


def draw_seeds(sample: Sample, statistics: Sequence[Statistic], n: int, seed: int) -> tuple[Floats, Floats]:
    """The part of other trainings: draws (n, K) and their variance (K,); 0 with fewer than three seeds."""
    seeds, total = np.zeros((n, len(statistics))), np.zeros(len(statistics))
    drawn = _drawn_seeds(seed, n, tuple(effects.shape[1] for _, effects, _ in sample.trainings))
    moved = seed_effects(sample, slopes_of(sample, statistics)) if drawn else ()
    for (effects, noise), (weights, tails) in zip(moved, drawn, strict=True):
        count = len(effects)
        variance = (effects**2).sum(axis=0) / (count * (count - 1))
        kept = np.clip(1 - np.divide(noise, variance, out=np.ones_like(noise), where=variance > 0), 0, 1)
        seeds += weights @ effects / tails * np.sqrt(kept)
        total += variance * kept
    return seeds, total


@lru_cache(maxsize=8)
def _drawn_seeds(seed: int, n: int, counts: tuple[int, ...]) -> list[tuple[Floats, Floats]]:
    """For each training of that many seeds the weights (n, S) of its seeds in each draw, and its divisors (n, 1).

    The samples of a table draw the same, so the last ones are kept.
    """
    rng = np.random.default_rng(seed).spawn(2)[1]
    drawn = []
    for count in counts:
        weights = rng.standard_normal((n, count)) / np.sqrt(count * (count - 1))
        drawn.append((weights, np.sqrt(rng.chisquare(count - 1, size=(n, 1)) / (count - 1))))
    return drawn


def seed_effects(sample: Sample, slopes: Floats) -> Iterator[tuple[Floats, Floats]]:
    """How each seed moves each statistic, (S, K) about 0, for every training of three seeds or more.

    Beside it the part (K,) of the variance of the seeds' mean that comes from how seeds and images interact: draws of
    images have it already.

    Args:
        slopes: (K, M) of the statistics, `slopes_of`.
    """
    for own, of_seed, rest in sample.trainings:
        count = of_seed.shape[1]
        effects = (slopes[:, own] @ of_seed).T
        noise = np.zeros(len(slopes))
        moved = slopes[:, own].any(axis=1)  # most statistics are of other trainings
        interaction = slopes[moved, own] @ rest.reshape(len(rest), -1)
        noise[moved] = (interaction**2).sum(axis=1) / (count * (count - 1) * sample.images**2)
        yield effects - effects.mean(axis=0), noise


def influences(sample: Sample, slopes: Floats) -> Floats:
    """(G, K) how far each subject moves each statistic, to first order; the mean over subjects is 0.

    A draw's statistic is about its value plus the mean influence of the subjects drawn.

    Args:
        slopes: (K, M) of the statistics, `slopes_of`.
    """
    return sample.subjects * (slopes @ sample.shares).T


def subject_counts(subjects: int, n: int, seed: int) -> Iterable[tuple[slice, Floats]]:
    """(rows, how often each subject was drawn (rows, subjects)), in chunks that fit in memory.

    A run's tables draw the same subjects for each of its methods, so the last counts are kept while they are small.
    """
    if subjects * n <= KEPT:
        return _kept_counts(subjects, n, seed, CHUNK)
    return _drawn_counts(subjects, n, seed, CHUNK)


@lru_cache(maxsize=4)
def _kept_counts(subjects: int, n: int, seed: int, chunk: int) -> list[tuple[slice, Floats]]:
    found = list(_drawn_counts(subjects, n, seed, chunk))
    for _, counts in found:
        counts.setflags(write=False)
    return found


def _drawn_counts(subjects: int, n: int, seed: int, chunk: int) -> Iterator[tuple[slice, Floats]]:
    rng = np.random.default_rng(seed).spawn(1)[0]
    size = max(1, chunk // subjects)
    for start in range(0, n, size):
        rows = slice(start, min(start + size, n))
        count = rows.stop - start
        drawn = rng.integers(0, subjects, size=(count, subjects)) + subjects * np.arange(count)[:, None]
        yield rows, np.bincount(drawn.ravel(), minlength=count * subjects).reshape(count, subjects).astype(float)


def _means_of_draws(sample: Sample, n: int, seed: int) -> Floats:
    """(n, M) means over images and seeds with other subjects drawn."""
    out = np.full((n, len(sample.arrays)), np.nan)
    if not sample.images:
        return out
    known = [np.isfinite(a) for a in sample.arrays]
    totals, numbers = (
        sample.by_subject(np.stack([part.sum(axis=0, dtype=float) for part in parts])).T
        for parts in ([np.where(k, a, 0.0) for a, k in zip(sample.arrays, known, strict=True)], known)
    )
    if (numbers == numbers[:, :1]).all():  # all arrays know the same images
        numbers = numbers[:, :1]
    for rows, counts in subject_counts(sample.subjects, n, seed):
        number = counts @ numbers
        out[rows] = np.divide(counts @ totals, number, out=out[rows], where=number > 0)
    return out


def slopes_of(sample: Sample, statistics: Sequence[Statistic]) -> Floats:
    """(K, M) derivative of each statistic by each mean, numerically; 0 where it is not defined."""
    means = sample.means
    step = STEP * max(1e-3, float(np.nanmax(np.abs(means), initial=0.0)))
    around = means + step * np.vstack([np.eye(len(means)), -np.eye(len(means))])
    moved = np.array([np.broadcast_to(f(around), 2 * len(means)) for f in statistics])
    up, down = moved[:, : len(means)], moved[:, len(means) :]
    return np.nan_to_num((up - down) / (2 * step), posinf=0.0, neginf=0.0)


def mean_of(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """As `np.nanmean` with `keepdims`, without its checks, which cost more than the mean of so few values."""
    known = np.isfinite(values)
    number = known.sum(axis=axis, keepdims=True)
    total = np.where(known, values, 0.0).sum(axis=axis, keepdims=True)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def _checked(values: ArrayLike) -> Floats:
    array = np.asarray(values, float)
    if array.ndim not in (1, 2):
        raise InputError(f"values of shape {array.shape}; give (N,), or (seeds, N)")
    if np.isinf(array).any():
        raise InputError("an infinite value; a mean of it says nothing, mark it nan or give it a number")
    return array


def _codes(subjects: ArrayLike | None, keep: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of each kept image's subject; an image without a name of one is its own."""
    if subjects is None:
        return np.arange(int(keep.sum()))
    names = np.asarray(subjects, dtype=object)
    if names.shape != keep.shape:
        raise InputError(f"{names.size} subjects for {keep.size} images; give one per image")
    own = [(str(name), -1) if _named(name) else ("", i) for i, name in enumerate(names)]
    known: dict[tuple[str, int], int] = {}
    return np.array([known.setdefault(own[i], len(known)) for i in np.flatnonzero(keep)], np.int64)


def _named(name: object) -> bool:
    return name is not None and name == name and str(name).strip() != ""
