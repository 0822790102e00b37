"""Which pictures and pairs go into the page, within bounds on its length and on the files that are read for it."""

from __future__ import annotations

from collections.abc import Sequence

from c2seg_bench.results.explorer.order import noisy_in_order, pictures_in_order
from c2seg_bench.results.explorer.pairs import Grid, Pair

PICTURES = 400
NOISY_PAIRS = 1500  # reading the prompt of one takes milliseconds
FILES = 240  # of predictions; opening one takes milliseconds


def choose_clean(grids: Sequence[Grid], suite: str) -> list[tuple[int, Pair]]:
    """(grid, clean pair) of at most PICTURES pictures, the most wanted first."""
    return [(g, Pair(0, image)) for g, image in pictures_in_order(grids, suite)[:PICTURES]]


def choose_noisy(grids: Sequence[Grid], suite: str, pictures: set[tuple[int, int]]) -> list[tuple[int, Pair]]:
    """(grid, pair) of noisy prompts on the chosen `pictures` (grid, image), the most wanted first.

    At most NOISY_PAIRS, of conditions whose masks lie in at most FILES files with those of the clean prompts.
    """
    opened = {(g, 0) for g in range(len(grids))}
    files = sum(len(grid.methods) for grid in grids)
    chosen: list[tuple[int, Pair]] = []
    for g, pair in noisy_in_order(grids, suite):
        if len(chosen) == NOISY_PAIRS:
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
