"""Resampling of per-image values: draws subjects with all their images, and adds the variation between trainings.

Images of the same person are alike, so whole subjects are drawn; if subjects are unknown, every image is one. What
other trainings would add is in `metrics.trainings`.

Draws are stored as counts (how often each subject was drawn), so that the means of all draws are one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral

import numpy as np

from metrics._resampling import count_drawn
from metrics.errors import InputError
from metrics.sample import Floats, Sample, same_images
from metrics.slopes import Statistic
from metrics.trainings import draw_seeds

CHUNK = 1 << 21  # counts in memory at once: 16 MB
KEPT = 1 << 22  # counts that are cached for the next sample: 32 MB


@dataclass(frozen=True)
class Draws:
    """K statistics and their draws.

    Args:
        values: (K,) of the sample itself.
        images: (n, K) with subjects drawn at random; nan where a statistic is undefined.
        seeds: (n, K) what other trainings would add; 0 with fewer than three seeds.
        sample: that was drawn from.
    """

    values: Floats
    images: Floats
    seeds: Floats
    sample: Sample


def check_draws(seed: int, n: int) -> None:
    """InputError unless the seed is a whole number of 0 or more, and the number of draws n is one of 1 or more."""
    if not isinstance(n, Integral) or n < 1:
        raise InputError(f"n is {n}; give a whole number of draws, 1 or more")
    if not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"seed {seed}: give a whole number of 0 or more")


def check_level(level: float) -> float:
    """The level of an interval; InputError unless it is between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"level {level}; give a level between 0 and 1")
    return level


def draw(samples: Sequence[Sample], statistics: Sequence[Sequence[Statistic]], seed: int, n: int) -> list[Draws]:
    """Draw subjects and trainings `n` times, for each sample. Samples of the same images share one matrix product.

    Args:
        samples: each with its own number of arrays M.
        statistics: of each sample K functions from means (..., M) to values (...), nan where they are undefined.
        seed: of the draws; the same seed draws the same subjects, if their number is the same.
        n: number of draws.

    Raises:
        InputError: a sample without a statistic, or as `check_draws`.
    """
    check_draws(seed, n)
    if not all(statistics):
        raise InputError("no statistic; give one or more")
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
    return Draws(values, images, draw_seeds(sample, statistics, n, seed), sample)


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
