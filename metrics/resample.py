"""Resampling of per-image values: draws subjects with all their images, and adds the variation between trainings.

Images of the same person are alike, so whole subjects are drawn; if subjects are unknown, every image is one.

With three seeds or more, the variation between trainings is estimated: it is the variance of the seeds' means, less the
part that comes from the images, drawn as Student's t with the seeds' degrees of freedom. With fewer seeds it is
unknown, and a result applies to these trainings alone.

Draws are stored as counts (how often each subject was drawn), so that the means of all draws are one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from metrics._resampling import count_drawn
from metrics.errors import InputError
from metrics.sample import MIN_SEEDS, Floats, Sample, same_images, seed_deviations, stacks

CHUNK = 1 << 21  # counts in memory at once: 16 MB
KEPT = 1 << 22  # counts that are cached for the next sample: 32 MB
STEP = 1e-5  # of the numerical derivative, as a share of the largest mean
Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Draws:
    """K statistics and their draws.

    Args:
        values: (K,) of the sample itself.
        images: (n, K) with subjects drawn at random; nan where a statistic is undefined.
        seeds: (n, K) what other trainings would add; 0 with fewer than three seeds.
        seed_variance: (K,) variance of `seeds`.
        sample: that was drawn from.
    """

    values: Floats
    images: Floats
    seeds: Floats
    seed_variance: Floats
    sample: Sample


def draw(samples: Sequence[Sample], statistics: Sequence[Sequence[Statistic]], seed: int, n: int) -> list[Draws]:
    """Draw subjects and trainings `n` times, for each sample. Samples of the same images share one matrix product.

    Args:
        samples: each with its own number of arrays M.
        statistics: of each sample K functions from means (..., M) to values (...), nan where they are undefined.
        seed: of the draws; the same seed draws the same subjects, if their number is the same.
        n: number of draws.

    Raises:
        InputError: n is less than 1.
    """
    if n < 1:
        raise InputError(f"n is {n}; give 1 or more draws")
    draws: dict[int, Draws] = {}
    for positions in same_images(samples):
        group = [samples[k] for k in positions]
        drawn = np.hsplit(_means_of_draws(group, n, seed), np.cumsum([len(s.arrays) for s in group])[:-1])
        draws |= {
            k: _draws(samples[k], statistics[k], means, n, seed) for k, means in zip(positions, drawn, strict=True)
        }
    return [draws[k] for k in range(len(samples))]


def _draws(sample: Sample, statistics: Sequence[Statistic], drawn: Floats, n: int, seed: int) -> Draws:
    """From the means of draws (n, M)."""
    values = np.array([float(f(sample.means)) for f in statistics])
    images = np.stack([np.broadcast_to(f(drawn), n) for f in statistics], axis=1)
    return Draws(values, images, *draw_seeds(sample, statistics, n, seed), sample)


def draw_seeds(sample: Sample, statistics: Sequence[Statistic], n: int, seed: int) -> tuple[Floats, Floats]:
    """What other trainings would add: draws (n, K) and their variance (K,); 0 with fewer than three seeds."""
    seeds, total = np.zeros((n, len(statistics))), np.zeros(len(statistics))
    drawn = _drawn_seeds(seed, n, tuple(effects.shape[1] for _, effects, _ in sample.trainings))
    moved = seed_effects(sample, slopes_of(sample, statistics)) if drawn else ()
    for (effects, noise), (weights, tails) in zip(moved, drawn, strict=True):
        count = len(effects)
        variance = (effects**2).sum(axis=0) / (count * (count - 1))
        kept = _share_of_trainings(effects, noise)
        seeds += weights @ effects / tails * np.sqrt(kept)
        total += variance * kept
    return seeds, total


def draw_seeds_of_means(samples: Sequence[Sample], n: int, seed: int) -> Floats:
    """As `draw_seeds` of the mean of each of K samples with one array, in one go: (n, K).

    Args:
        samples: on the same images of the same subjects.
    """
    moved = np.zeros((n, len(samples)))
    for chosen, arrays in stacks(samples):
        count = arrays.shape[1]
        if count < MIN_SEEDS or not samples[0].images:
            continue
        of_seed, rest = seed_deviations(arrays, samples[0])
        effects = of_seed - of_seed.mean(axis=1, keepdims=True)
        scale = count * (count - 1)
        noise = (rest**2).sum(axis=(1, 2)) / (scale * samples[0].images ** 2)
        [(weights, tails)] = _drawn_seeds(seed, n, (count,))
        moved[:, chosen] = weights @ effects.T / tails * np.sqrt(_share_of_trainings(effects.T, noise))
    return moved


def _share_of_trainings(effects: Floats, noise: Floats) -> Floats:
    """(K,) share of the variance of the seeds' mean that images and seeds together do not explain.

    Args:
        effects: (S, K) of each seed, with mean 0.
        noise: (K,) variance that comes from the interaction of seeds and images.
    """
    variance = (effects**2).sum(axis=0) / (len(effects) * (len(effects) - 1))
    return np.clip(1 - np.divide(noise, variance, out=np.ones_like(noise), where=variance > 0), 0, 1)


@lru_cache(maxsize=8)
def _drawn_seeds(seed: int, n: int, counts: tuple[int, ...]) -> list[tuple[Floats, Floats]]:
    """For trainings with these numbers of seeds S: weights (n, S) of the seeds in each draw, and divisors (n, 1).

    All samples of a table use the same draws, so the last ones are cached.
    """
    rng = np.random.default_rng(seed).spawn(2)[1]
    drawn = []
    for count in counts:
        weights = rng.standard_normal((n, count)) / np.sqrt(count * (count - 1))
        drawn.append((weights, np.sqrt(rng.chisquare(count - 1, size=(n, 1)) / (count - 1))))
    return drawn


def seed_effects(sample: Sample, slopes: Floats) -> Iterator[tuple[Floats, Floats]]:
    """How each seed changes each statistic, to first order, for every training with three seeds or more.

    Args:
        sample: M arrays.
        slopes: (K, M) of the statistics, from `slopes_of`.

    Yields:
        (S, K) effects with mean 0; and (K,) the part of the variance of the seeds' mean that comes from the interaction
        of seeds and images, which draws of images contain already.
    """
    for own, of_seed, rest in sample.trainings:
        count = of_seed.shape[1]
        effects = (slopes[:, own] @ of_seed).T
        noise = np.zeros(len(slopes))
        moved = slopes[:, own].any(axis=1)  # most statistics depend on other trainings
        interaction = slopes[moved, own] @ rest.reshape(len(rest), -1)
        noise[moved] = (interaction**2).sum(axis=1) / (count * (count - 1) * sample.images**2)
        yield effects - effects.mean(axis=0), noise


def influences(sample: Sample, slopes: Floats) -> Floats:
    """(G, K) how much each subject changes each statistic, to first order; the mean over subjects is 0.

    The statistic of a draw is approximately its value plus the mean influence of the drawn subjects.

    Args:
        sample: M arrays.
        slopes: (K, M) of the statistics, from `slopes_of`.
    """
    return sample.subjects * (slopes @ sample.shares).T


def subject_counts(subjects: int, n: int, seed: int) -> Iterable[tuple[slice, Floats]]:
    """Chunks of draws that fit into memory: their slice of the n draws, and how often each subject was drawn.

    The tables of a run draw the same subjects for all methods, so the last counts are cached if they are small.
    """
    if subjects * n <= KEPT:
        return _kept_counts(subjects, n, seed, CHUNK)
    return _drawn_counts(subjects, n, seed, CHUNK)


@lru_cache(maxsize=4)
def _kept_counts(subjects: int, n: int, seed: int, chunk: int) -> list[tuple[slice, Floats]]:
    chunks = list(_drawn_counts(subjects, n, seed, chunk))
    for _, counts in chunks:
        counts.setflags(write=False)
    return chunks


def _drawn_counts(subjects: int, n: int, seed: int, chunk: int) -> Iterator[tuple[slice, Floats]]:
    rng = np.random.default_rng(seed).spawn(1)[0]
    size = max(1, chunk // subjects)
    for start in range(0, n, size):
        rows = slice(start, min(start + size, n))
        yield rows, count_drawn(rng.integers(0, subjects, size=(rows.stop - start, subjects)), subjects)


def _means_of_draws(samples: Sequence[Sample], n: int, seed: int) -> Floats:
    """(n, M) means over images and seeds, with the drawn subjects, of all arrays of samples of the same images."""
    arrays, first = [array for sample in samples for array in sample.arrays], samples[0]
    out = np.full((n, len(arrays)), np.nan)
    if not first.images:
        return out
    known = [np.isfinite(a) for a in arrays]
    totals, numbers = (
        first.by_subject(np.stack([part.sum(axis=0, dtype=float) for part in parts])).T
        for parts in ([np.where(k, a, 0.0) for a, k in zip(arrays, known, strict=True)], known)
    )
    if (numbers == numbers[:, :1]).all():  # all arrays have values for the same images
        numbers = numbers[:, :1]
    for rows, counts in subject_counts(first.subjects, n, seed):
        number = counts @ numbers
        out[rows] = np.divide(counts @ totals, number, out=out[rows], where=number > 0)
    return out


def slopes_of(sample: Sample, statistics: Sequence[Statistic]) -> Floats:
    """(K, M) derivative of each statistic with respect to each mean, numerically; 0 where it is undefined."""
    means = sample.means
    step = STEP * max(1e-3, float(np.nanmax(np.abs(means), initial=0.0)))
    around = means + step * np.vstack([np.eye(len(means)), -np.eye(len(means))])
    moved = np.array([np.broadcast_to(f(around), 2 * len(means)) for f in statistics])
    up, down = moved[:, : len(means)], moved[:, len(means) :]
    return np.nan_to_num((up - down) / (2 * step), posinf=0.0, neginf=0.0)
