"""How other trainings of the same methods would change statistics, estimated from three seeds or more.

It is the variance of the seeds' means, less the part that comes from the images, drawn as Student's t with the seeds'
degrees of freedom. With fewer seeds it is unknown, and a result applies to these trainings alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from metrics.sample import MIN_SEEDS, Floats, Sample, seed_deviations, stacks
from metrics.slopes import Statistic, slopes_of


def draw_seeds(sample: Sample, statistics: Sequence[Statistic], n: int, seed: int) -> Floats:
    """What other trainings would add to K statistics in n draws, (n, K); 0 with fewer than three seeds.

    Args:
        sample: M arrays.
        statistics: K functions of the M means.
        n: number of draws.
        seed: of the draws.
    """
    seeds = np.zeros((n, len(statistics)))
    drawn = _drawn_seeds(seed, n, tuple(effects.shape[1] for _, effects, _ in sample.trainings))
    moved = seed_effects(sample, slopes_of(sample, statistics)) if drawn else ()
    for (effects, noise), (weights, tails) in zip(moved, drawn, strict=True):
        seeds += weights @ effects / tails * np.sqrt(_share_of_trainings(effects, noise))
    return seeds


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
