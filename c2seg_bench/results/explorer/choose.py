"""Which images and pairs go into the page, within bounds on its length and on the files that are read for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from c2seg_bench.results.explorer.order import clean_in_order, edited_in_order
from c2seg_bench.results.explorer.pairs import Grid, Pair

IMAGES = 400
CASES = 6000  # clean ones, and as many noisy or edited ones: judging one takes a fraction of a millisecond
FILES = 600  # of predictions; opening one takes milliseconds


def choose_clean(grids: Sequence[Grid], suite: str) -> list[tuple[int, Pair]]:
    """(grid, clean pair) of at most IMAGES images and about CASES cases, the most wanted first."""
    most = _pairs([len(grid.methods) for grid in grids])
    return list(islice(clean_in_order(grids, suite), min(IMAGES, most)))


def edited_trainings(grids: Sequence[Grid]) -> list[list[int]]:
    """The trainings of each grid that are shown under noisy and edited prompts.

    All of them, or the first of each method where all would mean more than FILES files: each kind of prompt matters
    more to a reader than another seed.
    """
    if sum(len(grid.methods) * len(grid.conditions) for grid in grids) <= FILES:
        return [list(range(len(grid.methods))) for grid in grids]
    return [grid.first_trainings for grid in grids]


def choose_edited(
    grids: Sequence[Grid], suite: str, images: set[tuple[int, int]], trainings: Sequence[Sequence[int]]
) -> list[tuple[int, Pair]]:
    """(grid, pair) of noisy and edited prompts on the chosen `images` (grid, image), the most wanted first.

    About CASES cases, of conditions whose masks lie in at most FILES files with those of the clean prompts.

    Args:
        trainings: of each grid, those that are shown: `edited_trainings`.
    """
    most = _pairs([len(shown) for shown in trainings])
    opened = {(g, 0) for g in range(len(grids))}
    files = sum(len(grid.methods) for grid in grids)
    chosen: list[tuple[int, Pair]] = []
    for g, pair in edited_in_order(grids, suite, trainings):
        if len(chosen) == most:
            break
        if (g, pair.image) not in images:
            continue
        if (g, pair.condition) not in opened:
            if files + len(trainings[g]) > FILES:
                continue
            opened.add((g, pair.condition))
            files += len(trainings[g])
        chosen.append((g, pair))
    return chosen


def _pairs(trainings: Sequence[int]) -> int:
    """How many pairs have CASES cases, with that many trainings in each grid."""
    return max(1, CASES // max(trainings))
