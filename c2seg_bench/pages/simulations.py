"""Simulations with known truth: how often intervals contain it, and how often equal methods are called different."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.seeding import rng
from metrics.ranking import places
from metrics.stats import bootstrap_corrected, bootstrap_mean, paired_difference

IMAGES = (31, 100, 400, 2000)
SEEDS = (1, 2, 3, 5)
METHODS = (2, 5, 10, 22)
DRAWS = 400
OF_SUBJECT = 4  # images of a subject
Values = NDArray[np.float64]


def coverage(repeats: int, *names: object, draw: Callable[[np.random.Generator], tuple[bool, float]]) -> float:
    """Share of the simulations whose interval contains the truth.

    Args:
        repeats: number of simulations.
        *names: of the setting, from which the random numbers are drawn.
        draw: makes one simulation; returns whether the interval contains the truth, and its width.
    """
    return float(np.mean([draw(rng("simulate", *names, k))[0] for k in range(repeats)]))


def dice_like(random: np.random.Generator, count: int) -> Values:
    """Per-image Dice: most near 0.85, some failures. Mean 0.8."""
    return random.beta(8, 2, count)


def distance_like(random: np.random.Generator, count: int) -> Values:
    """Per-image HD95 with diagonals. Mean 0.95 * 10 + 0.05 * 300."""
    return np.where(random.random(count) < 0.05, 300.0, random.gamma(2, 5, count))


def coverage_of_images(repeats: int) -> Iterator[tuple[str, list[float]]]:
    """For each statistic: its name, and the coverage for each number of `IMAGES`."""

    def dice(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            return contains(bootstrap_mean(dice_like(random, count), 0, DRAWS), 0.8)

        return one

    def distances(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            return contains(bootstrap_mean(distance_like(random, count), 0, DRAWS), 24.5)

        return one

    def paired(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            first = dice_like(random, count)
            return contains(
                paired_difference(first, first - 0.02 + 0.05 * random.standard_normal(count), 0, DRAWS), 0.02
            )

        return one

    def corrected(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            ceiling, chance = random.beta(9, 1, count), random.beta(4, 6, count)
            score = np.where(random.random(count) < 0.7, ceiling, random.beta(4, 6, count))
            interval = bootstrap_corrected(score, random.beta(4, 6, count), ceiling, chance, 0, DRAWS)
            return contains(interval, 0.7)

        return one

    for title, make in (("Dice", dice), ("Distances", distances), ("Paired difference", paired),
                        ("Corrected score", corrected)):  # fmt: skip
        yield title, [coverage(repeats, title, n, draw=make(n)) for n in IMAGES]


def coverage_of_subjects(repeats: int) -> Iterator[tuple[str, list[float]]]:
    """Coverage with known and with ignored subjects."""

    def make(count: int, known: bool) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            subject = np.arange(count) // OF_SUBJECT
            values = 0.1 * random.standard_normal(subject.max() + 1)[subject] + 0.04 * random.standard_normal(count)
            return contains(bootstrap_mean(values, 0, DRAWS, subjects=subject if known else None), 0.0)

        return one

    for title, known in (("subjects", True), ("images, as if each were a subject", False)):
        yield title, [coverage(repeats, title, n, draw=make(n, known)) for n in IMAGES]


def coverage_of_seeds(repeats: int) -> Iterator[tuple[str, list[float]]]:
    """Coverage of the mean over all trainings, for each number of `SEEDS`."""

    def make(count: int, seeds: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            shared = dice_like(random, count) + 0.02 * random.standard_normal((seeds, 1))
            return contains(bootstrap_mean(shared + 0.05 * random.standard_normal((seeds, count)), 0, DRAWS), 0.8)

        return one

    for seeds in SEEDS:
        yield str(seeds), [coverage(repeats, "seeds", seeds, n, draw=make(n, seeds)) for n in IMAGES]


def draw_methods(
    random: np.random.Generator, count: int, seeds: int, methods: int, gap: float, spread: str = "even"
) -> dict[str, Values]:
    """method -> Dice (seeds, images): hard images are hard for all; trainings differ as `spread_of` says."""
    shared = dice_like(random, count)
    return {
        f"m{k}": shared
        - gap * k
        + 0.05 * random.standard_normal((seeds, count))
        + (spread_of(spread, k) * random.standard_normal((seeds, 1)) if seeds > 1 else 0)
        for k in range(methods)
    }


def spread_of(spread: str, k: int) -> float:
    """Standard deviation between the trainings of method k."""
    if spread == "half":
        return 0.02 if k % 2 else 0.005
    return 0.05 if spread == "one" and k == 0 else 0.01 if spread == "even" else 0.005


def false_difference_rate(repeats: int, count: int, seeds: int, methods: int, spread: str = "even") -> float:
    """Share of tables in which some pair of equal methods is reported as different."""
    names = ("simulate letters", count, seeds, methods, *([spread] if spread != "even" else []))

    def one(k: int) -> bool:
        ranks = places(draw_methods(rng(*names, k), count, seeds, methods, 0.0, spread), 0, n=DRAWS)
        return any(rank.hi - rank.lo + 1 < methods for rank in ranks.values())

    return float(np.mean([one(k) for k in range(repeats)]))


def mean_open_ranks(repeats: int, count: int, methods: int) -> float:
    """Mean number of ranks that remain possible for a method, if neighbours differ by 0.01 of Dice."""

    def one(k: int) -> float:
        random = rng("simulate ranks", count, methods, k)
        ranks = places(draw_methods(random, count, 1, methods, 0.01), 0, n=DRAWS)
        return float(np.mean([rank.hi - rank.lo + 1 for rank in ranks.values()]))

    return float(np.mean([one(k) for k in range(repeats)]))


def contains(interval: tuple[float, float, float], truth: float) -> tuple[bool, float]:
    """Whether an interval (value, low, high) contains the truth, and its width."""
    _, low, high = interval
    return low <= truth <= high, high - low
