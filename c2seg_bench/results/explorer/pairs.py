"""The numbers of every pair and method as arrays, from the scores of each method's first training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
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
    scores = run.scores[run.scores["dataset"] == dataset]
    rows, seeds = _first_trainings(scores, run.suite.seeds)
    conditions = sorted(rows["condition"].unique(), key=lambda name: name != str(CLEAN))
    images = run.truth[dataset].names
    methods = [label for label in run.labels if label in seeds]
    at = tuple(
        pd.Index(names).get_indexer(rows[column])
        for column, names in (("condition", conditions), ("image", images), ("method", methods))
    )
    shape = len(conditions), len(images), len(methods)
    values = {column: _spread(rows[column].to_numpy(float), at, shape) for column in COLUMNS}
    prompts = np.full(shape[:2], None, object)
    prompts[at[:2]] = rows["prompt"].to_numpy(object)
    return Grid(dataset, [Condition.parse(c) for c in conditions], images, methods, seeds, values, prompts)


def _first_trainings(scores: pd.DataFrame, order: list[int]) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows of each method's first seed in the suite's order, and which seed that is."""
    trained = scores[["method", "seed"]].drop_duplicates()
    rank = trained["seed"].map({seed: i for i, seed in enumerate(order)}).fillna(len(order))
    first = trained.assign(rank=rank).sort_values("rank").drop_duplicates("method")
    seeds = {str(method): int(seed) for method, seed in zip(first["method"], first["seed"], strict=True)}
    return scores[scores["seed"] == scores["method"].map(seeds)], seeds


def _spread(column: NDArray[np.float64], at: tuple[NDArray, ...], shape: tuple[int, int, int]) -> NDArray[np.float64]:
    values = np.full(shape, np.nan)
    values[at] = column
    return values
