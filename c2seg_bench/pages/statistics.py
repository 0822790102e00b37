"""The page docs/statistics.md: how often the intervals have the truth, by simulation. `make simulate` rebuilds it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.files import atomic
from c2seg_bench.seeding import rng
from metrics.ranking import places
from metrics.stats import bootstrap_corrected, bootstrap_mean, paired_difference

IMAGES = (31, 100, 400, 2000)
SEEDS = (1, 2, 3, 5)
METHODS = (2, 5, 10, 22)
DRAWS = 400
OF_SUBJECT = 4  # images of a subject
Values = NDArray[np.float64]

SPREADS = {
    "even": "",
    "half": ", every second method varying four times as much",
    "one": ", one method varying ten times as much",
}
UNEVEN = """Trainings differ with a standard deviation of 0.01 of Dice; in the rows with "varying" with one of 0.005, or
four or ten times that. Each pair is compared by what its own two methods vary, since a variance pooled over all methods
is too small for the pairs of those that vary most. Three trainings say little of a variance: more than 5 % can remain
where two methods differ much in it, and many methods have to lie further apart before they get different letters."""

HEAD = """# Statistics: what the intervals and letters are worth

Rebuilt by `make simulate`. Data are drawn whose truth is known, {repeats} times for each number of images, and the
functions of `metrics.stats` and `metrics.ranking` are applied to them with {draws} bootstrap draws. A true share of
95 % comes out as 95 % give or take {error:.1%} (one standard error).

**Intervals** are meant to have the truth in 95 % of the cases. A mean or a difference of means has a studentised
bootstrap interval, a ratio the percentile interval with quantiles widened as Student's t is wider than the normal
distribution. Where subjects are known, subjects are drawn with all their images. Where there are three seeds or more,
the variance between trainings is estimated and added; below three the interval speaks of these trainings alone, and
what it covers of other trainings is the third table's to say.

**Letters** come from all pairs of methods at once (`metrics.ranking`); 5 % is meant for all of them together.

"""


def page(repeats: int) -> str:
    """The page as Markdown, from `repeats` simulations of every setting."""
    error = np.sqrt(0.95 * 0.05 / repeats)
    parts = [HEAD.format(repeats=repeats, draws=DRAWS, error=error)]
    parts.append("## Coverage of the images' part\n\n" + _table("Setting", IMAGES, _images(repeats)))
    parts.append(
        "Dice: skewed to the left, between 0 and 1. Distances: gamma distributed, and 5 % of them the image's "
        "diagonal, thirty times the rest. Of 31 images a fifth of the samples has no diagonal at all, and no interval "
        "can know of it; the report warns below 100.\n"
    )
    parts.append("## Subjects\n\n" + _table("Drawn", IMAGES, _subjects(repeats)))
    parts.append(f"Dice of {OF_SUBJECT} images of each subject, most of the variance between subjects.\n")
    parts.append("## Other trainings\n\n" + _table("Seeds", IMAGES, _seeds(repeats)))
    parts.append(
        "Dice whose mean over all images differs between trainings with a standard deviation of 0.02, as it does "
        "between short trainings on small data. One and two seeds do not tell: the interval is of these trainings, and "
        "covers the mean over all trainings in as few cases as the rows say.\n"
    )
    parts.append(_letters(repeats))
    return "\n".join(parts)


def coverage(repeats: int, *names: object, draw: Callable[[np.random.Generator], tuple[bool, float]]) -> float:
    """Share of the simulations in which the interval has the truth."""
    return float(np.mean([draw(rng("simulate", *names, k))[0] for k in range(repeats)]))


def dice_like(random: np.random.Generator, count: int) -> Values:
    """Per-image Dice: most near 0.85, some failures. Mean 0.8."""
    return random.beta(8, 2, count)


def distance_like(random: np.random.Generator, count: int) -> Values:
    """Per-image HD95 with diagonals. Mean 0.95 * 10 + 0.05 * 300."""
    return np.where(random.random(count) < 0.05, 300.0, random.gamma(2, 5, count))


def _images(repeats: int) -> Iterator[tuple[str, list[float]]]:
    def dice(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            return _has(bootstrap_mean(dice_like(random, count), 0, DRAWS), 0.8)

        return one

    def distances(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            return _has(bootstrap_mean(distance_like(random, count), 0, DRAWS), 24.5)

        return one

    def paired(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            first = dice_like(random, count)
            return _has(paired_difference(first, first - 0.02 + 0.05 * random.standard_normal(count), 0, DRAWS), 0.02)

        return one

    def corrected(count: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            ceiling, chance = random.beta(9, 1, count), random.beta(4, 6, count)
            score = np.where(random.random(count) < 0.7, ceiling, random.beta(4, 6, count))
            found = bootstrap_corrected(score, random.beta(4, 6, count), ceiling, chance, 0, DRAWS)
            return _has(found, 0.7)

        return one

    for title, make in (("Dice", dice), ("Distances", distances), ("Paired difference", paired),
                        ("Corrected score", corrected)):  # fmt: skip
        yield title, [coverage(repeats, title, n, draw=make(n)) for n in IMAGES]


def _subjects(repeats: int) -> Iterator[tuple[str, list[float]]]:
    def make(count: int, known: bool) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            subject = np.arange(count) // OF_SUBJECT
            values = 0.1 * random.standard_normal(subject.max() + 1)[subject] + 0.04 * random.standard_normal(count)
            return _has(bootstrap_mean(values, 0, DRAWS, subjects=subject if known else None), 0.0)

        return one

    for title, known in (("subjects", True), ("images, as if each were a subject", False)):
        yield title, [coverage(repeats, title, n, draw=make(n, known)) for n in IMAGES]


def _seeds(repeats: int) -> Iterator[tuple[str, list[float]]]:
    def make(count: int, seeds: int) -> Callable:
        def one(random: np.random.Generator) -> tuple[bool, float]:
            shared = dice_like(random, count) + 0.02 * random.standard_normal((seeds, 1))
            return _has(bootstrap_mean(shared + 0.05 * random.standard_normal((seeds, count)), 0, DRAWS), 0.8)

        return one

    for seeds in SEEDS:
        yield str(seeds), [coverage(repeats, "seeds", seeds, n, draw=make(n, seeds)) for n in IMAGES]


def _letters(repeats: int) -> str:
    """Equal methods, and how many ranks are left open for methods that differ."""
    even = [(count, seeds, "even") for count, seeds in ((31, 1), (100, 1), (400, 1), (100, 3))]
    uneven = [(100, seeds, spread) for spread in ("half", "one") for seeds in (3, 5)]
    false = [
        (f"{count} images, {seeds} seed{'s' * (seeds > 1)}{SPREADS[spread]}",
         [_falsely_apart(repeats, count, seeds, m, spread) for m in METHODS])
        for count, seeds, spread in (*even, *uneven)
    ]  # fmt: skip
    widths = [
        (f"{count} images", [_open_ranks(max(20, repeats // 10), count, m) for m in METHODS]) for count in (100, 400)
    ]
    return (
        "## Letters of equal methods\n\nShare of tables in which some pair of equal methods is reported as different; "
        "5 % is meant, for all pairs together.\n\n"
        + _table("Equal methods", METHODS, iter(false))
        + f"\n{UNEVEN}\n\n## Ranks\n\nMean number of ranks that are left open for a method, where neighbours differ by "
        "one point of Dice and images by five.\n\n" + _table("Methods", METHODS, iter(widths), digits=1)
    )


def _methods(
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


def _falsely_apart(repeats: int, count: int, seeds: int, methods: int, spread: str = "even") -> float:
    names = ("simulate letters", count, seeds, methods, *([spread] if spread != "even" else []))

    def one(k: int) -> bool:
        found = places(_methods(rng(*names, k), count, seeds, methods, 0.0, spread), 0, n=DRAWS)
        return any(place.hi - place.lo + 1 < methods for place in found.values())

    return float(np.mean([one(k) for k in range(repeats)]))


def _open_ranks(repeats: int, count: int, methods: int) -> float:
    def one(k: int) -> float:
        random = rng("simulate ranks", count, methods, k)
        found = places(_methods(random, count, 1, methods, 0.01), 0, n=DRAWS)
        return float(np.mean([place.hi - place.lo + 1 for place in found.values()]))

    return float(np.mean([one(k) for k in range(repeats)]))


def _has(interval: tuple[float, float, float], truth: float) -> tuple[bool, float]:
    _, low, high = interval
    return low <= truth <= high, high - low


def _table(corner: str, columns: tuple[int, ...], rows: Iterator[tuple[str, list[float]]], digits: int = 0) -> str:
    """Markdown; shares in percent with one decimal, other numbers with `digits`."""
    lines = [f"| {corner} | " + " | ".join(map(str, columns)) + " |", "| --- |" + " --: |" * len(columns)]
    for title, values in rows:
        cells = [f"{v:.{digits}f}" if digits else f"{100 * v:.1f} %" for v in values]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    text = page(repeats)
    with atomic(Path(sys.argv[1])) as temporary:
        temporary.write_text(text, encoding="utf-8")
