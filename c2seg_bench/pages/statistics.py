"""The page docs/statistics.md: how often intervals contain the truth, by simulation. `make simulate` rebuilds it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from c2seg_bench.files import atomic
from c2seg_bench.pages.simulations import (
    DRAWS,
    IMAGES,
    METHODS,
    OF_SUBJECT,
    coverage_of_images,
    coverage_of_seeds,
    coverage_of_subjects,
    false_difference_rate,
    mean_open_ranks,
)

SPREADS = {
    "even": "",
    "half": ", every second method varying four times as much",
    "one": ", one method varying ten times as much",
}
DISTANCES = """Dice: skewed to the left, between 0 and 1. Distances: gamma distributed, and 5 % of them the image's \
diagonal, thirty times the rest. With 31 images, a fifth of the samples have no diagonal at all, and no interval \
can account for that; the report warns below 100 images.
"""
SUBJECTS = f"Dice of {OF_SUBJECT} images of each subject, most of the variance between subjects.\n"
TRAININGS = """Dice whose mean over all images differs between trainings with a standard deviation of 0.02, as it does \
between short trainings on small data. With one or two seeds the interval is of these trainings alone, \
and rarely covers the mean over all trainings.
"""
LETTERS = """Share of tables in which some pair of equal methods is reported as different; 5 % is the target, for all \
pairs together.

"""
RANKS = """Mean number of ranks that are left open for a method, where neighbours differ by one point of Dice and \
images by five.

"""
UNEVEN = """Trainings differ with a standard deviation of 0.01 of Dice; in the rows with "varying", of 0.005, or four or
ten times that. Each pair is compared by how much its own two methods vary, since a variance pooled over all methods is
too small for the pairs that vary most. A variance of three trainings is uncertain: more than 5 % can remain where two
methods differ much in theirs, and many methods must lie further apart before they get different letters.
"""
Row = tuple[str, list[float]]  # title, and the number of each column
Say = Callable[[str], None]

HEAD = """# Statistics: what the intervals and letters are worth

Rebuilt by `make simulate`. Data with a known truth are drawn {repeats} times for each number of images, and the
functions of `metrics.stats` and `metrics.ranking` are applied to them with {draws} bootstrap draws. A share that is
truly 95 % comes out as 95 % with a standard error of {error:.1%}.

**Intervals** should contain the truth in 95 % of the cases. A mean or a difference of means has a studentised bootstrap
interval; a ratio has a percentile interval whose quantiles are widened as Student's t is wider than the normal
distribution. Where subjects are known, they are drawn with all their images. With three seeds or more, the variance
between trainings is estimated and added. With fewer, the interval applies to these trainings alone; the third table
shows how often it covers other trainings.

**Letters** come from all pairs of methods at once (`metrics.ranking`); the target is 5 % for all pairs together.

"""


def page(repeats: int, say: Say = lambda _: None) -> str:
    """The page as Markdown, from `repeats` simulations of every setting; each row is given to `say` when it is done."""
    error = np.sqrt(0.95 * 0.05 / repeats)
    parts = [HEAD.format(repeats=repeats, draws=DRAWS, error=error)]
    for section in sections(repeats):
        say(section.heading)
        parts += [f"## {section.heading}\n\n{section.before}" + _table(section, say), section.after]
    return "\n".join(part for part in parts if part)


@dataclass(frozen=True)
class Section:
    """A table with what is said before and after it. Shares are printed in percent, other numbers with `digits`."""

    heading: str
    corner: str
    columns: tuple[int, ...]
    rows: Iterator[Row]
    before: str = ""
    after: str = ""
    digits: int = 0


def sections(repeats: int) -> list[Section]:
    """Everything that is simulated."""
    return [
        Section("Coverage of the images' part", "Setting", IMAGES, coverage_of_images(repeats), after=DISTANCES),
        Section("Subjects", "Drawn", IMAGES, coverage_of_subjects(repeats), after=SUBJECTS),
        Section("Other trainings", "Seeds", IMAGES, coverage_of_seeds(repeats), after=TRAININGS),
        Section("Letters of equal methods", "Equal methods", METHODS, _letters(repeats), before=LETTERS, after=UNEVEN),
        Section("Ranks", "Methods", METHODS, _ranks(repeats), before=RANKS, digits=1),
    ]


def _letters(repeats: int) -> Iterator[Row]:
    """Equal methods, whose trainings vary alike and differently."""
    even = [(count, seeds, "even") for count, seeds in ((31, 1), (100, 1), (400, 1), (100, 3))]
    uneven = [(100, seeds, spread) for spread in ("half", "one") for seeds in (3, 5)]
    return (
        (f"{count} images, {seeds} seed{'s' * (seeds > 1)}{SPREADS[spread]}",
         [false_difference_rate(repeats, count, seeds, m, spread) for m in METHODS])
        for count, seeds, spread in (*even, *uneven)
    )  # fmt: skip


def _ranks(repeats: int) -> Iterator[Row]:
    fewer = max(20, repeats // 10)
    return ((f"{n} images", [mean_open_ranks(fewer, n, m) for m in METHODS]) for n in (100, 400))


def _table(section: Section, say: Say) -> str:
    columns = section.columns
    lines = [f"| {section.corner} | " + " | ".join(map(str, columns)) + " |", "| --- |" + " --: |" * len(columns)]
    for title, values in section.rows:
        cells = [f"{v:.{section.digits}f}" if section.digits else f"{100 * v:.1f} %" for v in values]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
        say(lines[-1])
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    text = page(repeats, partial(print, file=sys.stderr, flush=True))
    with atomic(Path(sys.argv[1])) as temporary:
        temporary.write_text(text, encoding="utf-8")
