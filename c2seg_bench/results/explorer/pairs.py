"""The numbers of every pair and training as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from c2seg_bench.referring.example import CONFLICT, MIRRORED
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import CLEAN, Condition

COLUMNS = ("dice", "score", "consistent", "stability")
REFERRING_COLUMNS = ("dice",)  # the others compare with the expert's mask and the clean prompt
FLIPPED = (MIRRORED, CONFLICT)  # kinds whose image is flipped left to right, and its masks with it
TRAININGS = 24  # all seeds of eight methods; with more, the page would have few images


class Pair(NamedTuple):
    """Positions in `Grid.conditions` and `Grid.images`."""

    condition: int
    image: int


@dataclass(frozen=True)
class Grid:
    """Scores of one dataset: C conditions, the clean one first, N images and M trainings.

    Args:
        methods, seeds: of each training: (M,). The trainings of a method are neighbours, in the suite's order.
        values: column of scores.parquet -> (C, N, M) float, nan where there is no score.
        prompts: (C, N) object, what the methods read; None where the condition was not run on the image.
    """

    dataset: str
    conditions: list[Condition]
    images: list[str]
    methods: list[str]
    seeds: list[int]
    values: dict[str, NDArray[np.float64]]
    prompts: NDArray[np.object_]

    @property
    def first_trainings(self) -> list[int]:
        """The first training of each method."""
        return [self.methods.index(method) for method in dict.fromkeys(self.methods)]

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
    trainings = _trainings(run, dataset)
    conditions = sorted(grid.conditions, key=lambda name: name != str(CLEAN))
    values = {column: grid.values_of_trainings(column, trainings, conditions, images) for column in COLUMNS}
    prompts = grid.texts_of_trainings("prompt", trainings, conditions, images)
    methods, seeds = [method for method, _ in trainings], [seed for _, seed in trainings]
    made = Grid(dataset, [Condition.parse(c) for c in conditions], images, methods, seeds, values, prompts)
    own = run.referring[run.referring["dataset"] == dataset] if len(run.referring) else run.referring
    return _with_referring(made, own) if len(own) else made


def _trainings(run: Run, dataset: str) -> list[tuple[str, int]]:
    """(method, seed) of every training; where these are more than TRAININGS, of each method's first one."""
    order = {seed: i for i, seed in enumerate(run.suite.seeds)}  # a seed that the suite does not name comes last
    known = run.grid(dataset)
    seeds = {
        method: sorted(known.seeds(method), key=lambda seed: order.get(seed, len(order)))
        for method in run.labels
        if method in known.methods
    }
    every = [(method, seed) for method, of_method in seeds.items() for seed in of_method]
    return every if len(every) <= TRAININGS else [(method, of_method[0]) for method, of_method in seeds.items()]


def _with_referring(grid: Grid, rows: pd.DataFrame) -> Grid:
    """The grid with the prompts that have a correct mask of their own; their Dice is with that mask."""
    names = list(rows["condition"].unique())
    shape = len(names), len(grid.images), len(grid.methods)
    trainings = pd.MultiIndex.from_arrays([grid.methods, grid.seeds])
    at = (
        pd.Index(names).get_indexer(rows["condition"]),
        pd.Index(grid.images).get_indexer(rows["image"]),
        trainings.get_indexer(pd.MultiIndex.from_frame(rows[["method", "seed"]])),
    )
    shown = np.logical_and.reduce([place >= 0 for place in at])
    place = tuple(axis[shown] for axis in at)
    values = {}
    for column, before in grid.values.items():
        added = np.full(shape, np.nan)
        if column in REFERRING_COLUMNS:
            added[place] = rows[column].to_numpy(float)[shown]
        values[column] = np.concatenate([before, added])
    prompts = np.full(shape[:2], None, object)
    prompts[place[:2]] = rows["prompt"].to_numpy(object)[shown]
    return replace(
        grid,
        conditions=[*grid.conditions, *map(Condition.parse, names)],
        values=values,
        prompts=np.concatenate([grid.prompts, prompts]),
    )
