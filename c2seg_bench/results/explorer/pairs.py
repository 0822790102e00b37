"""The numbers of every pair and method as arrays, from the scores of each method's first training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.results.run import Run
from c2seg_bench.rundir import CLEAN, Condition

COLUMNS = ("dice", "score", "consistent", "stability")


class Pair(NamedTuple):
    """Positions in `Grid.conditions` and `Grid.images`."""

    condition: int
    image: int


@dataclass(frozen=True)
class Grid:
    """Scores of one dataset: C conditions, the clean one first, N images and M methods.

    Args:
        seeds: method -> the training that the numbers are of.
        values: column of scores.parquet -> (C, N, M) float, nan where there is no score.
        prompts: (C, N) object, what the methods read; None where the condition was not run on the image.
    """

    dataset: str
    conditions: list[Condition]
    images: list[str]
    methods: list[str]
    seeds: dict[str, int]
    values: dict[str, NDArray[np.float64]]
    prompts: NDArray[np.object_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """(C, N): any method was scored."""
        return scored(self.values["dice"])


def scored(dice: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(C, N) of (C, N, M): any method has a value."""
    return np.asarray(np.isfinite(dice).any(axis=2))


def grids(run: Run) -> list[Grid]:
    """One grid per dataset of the run."""
    return [_grid(run, dataset) for dataset in run.datasets]


def _grid(run: Run, dataset: str) -> Grid:
    grid, images = run.grid(dataset), run.truth[dataset].names
    methods = [label for label in run.labels if label in grid.methods]
    seeds = {method: min(grid.seeds(method), key=_place_in(run.suite.seeds)) for method in methods}
    conditions = sorted(grid.conditions, key=lambda name: name != str(CLEAN))
    values = {column: grid.values_of_trainings(column, seeds, conditions, images) for column in COLUMNS}
    prompts = grid.texts_of_trainings("prompt", seeds, conditions, images)
    return Grid(dataset, [Condition.parse(c) for c in conditions], images, methods, seeds, values, prompts)


def _place_in(order: list[int]) -> Callable[[int], int]:
    """Position of a seed in the suite's order; seeds that it does not name come last."""
    position = {seed: i for i, seed in enumerate(order)}
    return lambda seed: position.get(seed, len(order))
