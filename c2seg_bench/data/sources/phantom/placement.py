"""Which cells hold a lesion, which of them the prompt names, and where in its cell each lies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from c2seg_bench.data.sources.phantom.shapes import Lesion

Cell = tuple[str, str]


def choose(cells: list[Cell], rng: np.random.Generator, most: int = 3, extra: int = 2) -> tuple[list[Cell], list[Cell]]:
    """Named cells (half of the time one, else two or three) and those of look-alikes (at least one), disjoint.

    One draw orders all cells, so a cell is as likely to be named as any other.
    """
    named = 1 + int(rng.choice(most, p=(0.5, 0.35, 0.15)[:most]))
    others = int(rng.integers(1, extra + 1))
    order = [cells[i] for i in rng.permutation(len(cells))]
    key = cells.index
    return sorted(order[:named], key=key), sorted(order[named : named + others], key=key)


def lesions(
    named: list[Cell],
    others: list[Cell],
    at: Callable[[Cell, np.random.Generator], tuple[float, float, float]],
    rng: np.random.Generator,
) -> tuple[Lesion, ...]:
    """One lesion a cell; `at` gives centre and radius. Drawn in an order that says nothing of who is named."""
    lesions_drawn = []
    for i in rng.permutation(len(named) + len(others)):
        cell, is_named = (named[i], True) if i < len(named) else (others[i - len(named)], False)
        x, y, radius = at(cell, rng)
        flat, (first, second), strength = rng.uniform(0.8, 1.1), rng.uniform(0, 2 * np.pi, 2), rng.uniform(0.8, 1.2)
        waves = float(first), float(second)
        lesions_drawn.append(Lesion(x, y, radius, float(flat), waves, float(strength), cell[0], cell[1], is_named))
    return tuple(lesions_drawn)
