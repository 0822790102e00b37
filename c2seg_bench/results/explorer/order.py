"""Which pairs a reader wants to see first, so that the best of them fit in a page of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.results.explorer.pairs import Grid, Pair, scored
from c2seg_bench.rundir import REFERRING_KINDS
from c2seg_bench.seeding import rng

DEPTH = 4000  # pairs of one order that are looked at

Keys = NDArray[np.float64]  # (C, N), the smallest first; nan: not in the order


def clean_in_order(grids: Sequence[Grid], name: str) -> Iterator[tuple[int, Pair]]:
    """(grid, pair) of every image with its clean prompt, those first that lead an order by their clean scores."""
    every = [list(range(len(grid.methods))) for grid in grids]
    return _interleaved(grids, name, slice(0, 1), every)


def edited_in_order(grids: Sequence[Grid], name: str, trainings: Sequence[Sequence[int]]) -> Iterator[tuple[int, Pair]]:
    """(grid, pair) of noisy and edited pairs: every condition in turn, and those that lead an order of a training."""
    ordered = _interleaved(grids, name, slice(1, None), trainings)
    return ((g, Pair(pair.condition + 1, pair.image)) for g, pair in ordered)


def _interleaved(
    grids: Sequence[Grid], name: str, conditions: slice, trainings: Sequence[Sequence[int]]
) -> Iterator[tuple[int, Pair]]:
    """One pair of each order in turn, each pair once."""
    queues: list[tuple[int, Iterator[Pair]]] = []
    for g, grid in enumerate(grids):
        for keys in _orders(grid, name, conditions, trainings[g]):
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


def _orders(grid: Grid, name: str, conditions: slice, trainings: Sequence[int]) -> Iterator[Keys]:
    """Keys of each order: one by chance for every condition, then those of the page for every training."""
    dice, consistent = (grid.values[column][conditions][..., trainings] for column in ("dice", "consistent"))
    random = rng(name, grid.dataset, "explorer").random(dice.shape[:2])
    for c in range(len(dice)):
        yield _only(random, scored(dice), np.arange(len(dice)) == c)
    families = np.array([condition.family for condition in grid.conditions[conditions]])
    for kind in REFERRING_KINDS:  # correct masks of their own, so Dice of one kind is compared with its own only
        for method in range(dice.shape[2]):
            yield _only(dice[..., method], scored(dice), families == kind)
    comparable = ~np.isin(families, REFERRING_KINDS)
    yield from _orders_of_noise(dice, consistent, grid.values["dice"][:1][..., trainings], comparable)


def _orders_of_noise(
    dice: NDArray[np.float64],
    consistent: NDArray[np.float64],
    clean: NDArray[np.float64],
    conditions: NDArray[np.bool_],
) -> Iterator[Keys]:
    """The orders of the page for each training, over conditions (C,) whose correct mask is that of the clean prompt."""
    dice = np.where(conditions[:, None, None], dice, np.nan)
    drop = clean - dice
    for method in range(dice.shape[2]):
        own = dice[..., method]
        yield own
        yield np.where(drop[..., method] > 0, -drop[..., method], np.nan)
        yield np.where(consistent[..., method] == 1, own, np.nan)
        yield np.where(consistent[..., method] == 0, -own, np.nan)
    known = scored(dice)
    lowest, highest = (f(np.where(known[..., None], dice, 0.0), axis=2) for f in (np.nanmin, np.nanmax))
    yield np.where(known, lowest - highest, np.nan)


def _only(keys: Keys, known: NDArray[np.bool_], conditions: NDArray[np.bool_]) -> Keys:
    return np.where(known & conditions[:, None], keys, np.nan)


def _sorted_pairs(keys: Keys) -> Iterator[Pair]:
    flat = keys.ravel()
    known = np.flatnonzero(np.isfinite(flat))
    first = known[np.argsort(flat[known], kind="stable")[:DEPTH]]
    return (Pair(int(c), int(i)) for c, i in zip(*np.unravel_index(first, keys.shape), strict=True))
