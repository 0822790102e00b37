"""Which pictures and pairs go into the page, within bounds on its length and on the files that are read for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from c2seg_bench.results.explorer.order import clean_in_order, noisy_in_order
from c2seg_bench.results.explorer.pairs import Grid, Pair

PICTURES = 400
CASES = 6000  # clean ones, and as many noisy ones: judging one takes a fraction of a millisecond
FILES = 600  # of predictions; opening one takes milliseconds


def choose_clean(grids: Sequence[Grid], suite: str) -> list[tuple[int, Pair]]:
    """(grid, clean pair) of at most PICTURES pictures and about CASES cases, the most wanted first."""
    return list(islice(clean_in_order(grids, suite), min(PICTURES, _pairs(grids))))


def choose_noisy(grids: Sequence[Grid], suite: str, pictures: set[tuple[int, int]]) -> list[tuple[int, Pair]]:
    """(grid, pair) of noisy prompts on the chosen `pictures` (grid, image), the most wanted first.

    About CASES cases, of conditions whose masks lie in at most FILES files with those of the clean prompts.
    """
    most = _pairs(grids)
    opened = {(g, 0) for g in range(len(grids))}
    files = sum(len(grid.methods) for grid in grids)
    chosen: list[tuple[int, Pair]] = []
    for g, pair in noisy_in_order(grids, suite):
        if len(chosen) == most:
            break
        if (g, pair.image) not in pictures:
            continue
        if (g, pair.condition) not in opened:
            if files + len(grids[g].methods) > FILES:
                continue
            opened.add((g, pair.condition))
            files += len(grids[g].methods)
        chosen.append((g, pair))
    return chosen


def _pairs(grids: Sequence[Grid]) -> int:
    """How many pairs have CASES cases."""
    return max(1, CASES // max(len(grid.methods) for grid in grids))
