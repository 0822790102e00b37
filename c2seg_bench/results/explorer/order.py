"""Which pairs a reader wants to see first, so that the best of them fit in a page of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.results.explorer.pairs import Grid, Pair, scored
from c2seg_bench.seeding import rng

DEPTH = 4000  # pairs of one order that are looked at


def clean_in_order(grids: Sequence[Grid], name: str) -> Iterator[tuple[int, Pair]]:
    """(grid, pair) of every picture with its clean prompt, those first that lead an order by their clean scores."""
    return _interleaved(grids, name, slice(0, 1))


def noisy_in_order(grids: Sequence[Grid], name: str) -> Iterator[tuple[int, Pair]]:
    """(grid, pair) of noisy and edited pairs, those first that lead an order."""
    return ((g, Pair(pair.condition + 1, pair.image)) for g, pair in _interleaved(grids, name, slice(1, None)))


def _interleaved(grids: Sequence[Grid], name: str, conditions: slice) -> Iterator[tuple[int, Pair]]:
    """One pair of each order in turn, each pair once."""
    queues: list[tuple[int, Iterator[Pair]]] = []
    for g, grid in enumerate(grids):
        for keys in _orders(grid, name, conditions):
            queues.append((g, _sorted_pairs(keys)))
    seen: set[tuple[int, Pair]] = set()
    while queues:
        still = []
        for g, queue in queues:
            pair = next((p for p in queue if (g, p) not in seen), None)
            if pair is not None:
                seen.add((g, pair))
                still.append((g, queue))
                yield g, pair
        queues = still


def _orders(grid: Grid, name: str, conditions: slice) -> Iterator[NDArray[np.float64]]:
    """Keys (C, N) of each order, the smallest first and nan left out: random ones, then those of the page."""
    dice, consistent = (grid.values[column][conditions].copy() for column in ("dice", "consistent"))
    random = rng(name, grid.dataset, "explorer").random(dice.shape[:2])
    for c, condition in enumerate(grid.conditions[conditions]):
        if condition.is_referring:  # another right mask than the clean prompt's: by turns, whatever the Dice
            yield np.where((np.arange(len(dice)) == c)[:, None] & scored(dice), random, np.nan)
            dice[c] = np.nan
    known = scored(dice)
    yield np.where(known, random, np.nan)
    drop = grid.values["dice"][:1] - dice
    for method in range(dice.shape[2]):
        own = dice[..., method]
        yield own
        yield np.where(drop[..., method] > 0, -drop[..., method], np.nan)
        yield np.where(consistent[..., method] == 1, own, np.nan)
        yield np.where(consistent[..., method] == 0, -own, np.nan)
    lowest, highest = (f(np.where(known[..., None], dice, 0.0), axis=2) for f in (np.nanmin, np.nanmax))
    yield np.where(known, lowest - highest, np.nan)


def _sorted_pairs(keys: NDArray[np.float64]) -> Iterator[Pair]:
    flat = keys.ravel()
    first = np.argsort(flat, kind="stable")[: min(DEPTH, int(np.isfinite(flat).sum()))]  # nan sorts last
    return (Pair(int(c), int(i)) for c, i in zip(*np.unravel_index(first, keys.shape), strict=True))
