"""The scores of one dataset as an array, so that those of a condition are looked up instead of searched for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

AXES = ("method", "seed", "condition", "image")


class Grid:
    """Where the row of each method, seed, condition and image is.

    Names are in the order of their first rows, seeds ascending.
    """

    def __init__(self, scores: pd.DataFrame):
        """From rows of scores.parquet of one dataset, each method, seed, condition and image at most once."""
        self._scores = scores
        self._columns: dict[str, NDArray[np.float64]] = {}
        self._codes: dict[str, NDArray[np.int64]] = {}
        codes, self._names = [], {}
        for axis in AXES:
            code, names = pd.factorize(scores[axis], sort=axis == "seed")
            codes.append(code)
            self._names[axis] = list(names)
        self._at = {axis: {name: i for i, name in enumerate(names)} for axis, names in self._names.items()}
        self._rows = np.full([len(self._names[axis]) for axis in AXES], -1, np.int32)
        self._rows[tuple(codes)] = np.arange(len(scores), dtype=np.int32)

    @property
    def methods(self) -> list[str]:
        return self._names["method"]

    @property
    def conditions(self) -> list[str]:
        return self._names["condition"]

    def conditions_of(self, method: str) -> list[str]:
        return self._present("condition", self._rows[self._at["method"][method]], axis=1)

    def images(self, method: str, condition: str) -> list[str]:
        """Those with a row of any seed."""
        return self._present("image", self._block(method, condition), axis=1)

    def noisy_images(self, conditions: Sequence[str]) -> list[str]:
        """Those with a row of any method and seed under one of the conditions."""
        return self._present("image", self._rows[:, :, [self._at["condition"][c] for c in conditions]], axis=3)

    def seeds(self, method: str) -> list[int]:
        return self._present("seed", self._rows[self._at["method"][method]], axis=0)

    def values(
        self, column: str, method: str, condition: str, images: Sequence[str], seeds: Sequence[int] | None = None
    ) -> NDArray[np.float64]:
        """(seeds, images) of one column; nan where there is no row.

        Args:
            seeds: wanted, with rows or without; by default those with a row under the condition.
        """
        if column not in self._columns:
            self._columns[column] = self._scores[column].to_numpy(float)
        rows = self._taken(method, condition, images, seeds)
        return np.where(rows >= 0, self._columns[column][rows], np.nan)

    def same_text(self, column: str, method: str, condition: str, other: str, images: Sequence[str]) -> float:
        """Share of the method's rows under a condition whose text is that of the image's first row under another."""
        if column not in self._codes:
            self._codes[column] = pd.factorize(self._scores[column])[0]
        rows, first = (self._taken(method, c, images, None) for c in (condition, other))
        there = rows >= 0
        first = first[(first >= 0).argmax(axis=0), np.arange(len(images))]
        return float((self._codes[column][rows] == self._codes[column][first])[there].mean())

    def _taken(
        self, method: str, condition: str, images: Sequence[str], seeds: Sequence[int] | None
    ) -> NDArray[np.int32]:
        """(seeds, images) row numbers, -1 where there is none."""
        if condition not in self._at["condition"]:
            return np.full((len(seeds or ()), len(images)), -1, np.int32)
        rows = self._block(method, condition)
        chosen = (rows >= 0).any(axis=1) if seeds is None else [self._at["seed"][seed] for seed in seeds]
        return rows[chosen][:, [self._at["image"][name] for name in images]]

    def _block(self, method: str, condition: str) -> NDArray[np.int32]:
        return self._rows[self._at["method"][method], :, self._at["condition"][condition]]

    def _present(self, name: str, rows: NDArray[np.int32], axis: int) -> list:
        others = tuple(k for k in range(rows.ndim) if k != axis)
        return [self._names[name][i] for i in np.flatnonzero((rows >= 0).any(axis=others))]
