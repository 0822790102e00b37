"""The scores of one dataset by method, seed, condition and image: looked up in an array, not searched for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

AXES = ("method", "seed", "condition", "image")


class Grid:
    """Where the row of each method, seed, condition and image of one dataset is.

    Names are in the order of their first rows, seeds ascending.
    """

    def __init__(self, scores: pd.DataFrame):
        """From rows of scores.parquet of one dataset, each method, seed, condition and image at most once."""
        self._scores = scores
        self._columns: dict[str, NDArray[np.float64]] = {}
        self._codes: dict[str, NDArray[np.int64]] = {}
        self._positions: dict[tuple[str, ...], NDArray[np.int64]] = {}
        codes, self._names = [], {}
        for axis in AXES:
            code, names = pd.factorize(scores[axis], sort=axis == "seed")
            codes.append(code)
            self._names[axis] = list(names)
        self._at = {axis: {name: i for i, name in enumerate(names)} for axis, names in self._names.items()}
        self._rows = np.full([len(self._names[axis]) for axis in AXES], -1, np.int32)
        self._rows[tuple(codes)] = np.arange(len(scores), dtype=np.int32)

    @classmethod
    def by_dataset(cls, scores: pd.DataFrame) -> dict[str, Grid]:
        """A grid for each dataset in rows of scores.parquet."""
        return {str(d): cls(rows) for d, rows in scores.groupby("dataset", sort=False, observed=True)}

    @property
    def methods(self) -> list[str]:
        return self._names["method"]

    @property
    def conditions(self) -> list[str]:
        return self._names["condition"]

    def conditions_of(self, method: str) -> list[str]:
        return self._chosen("condition", self._scored[self._at["method"][method]].any(axis=0))

    def images(self, method: str, condition: str) -> list[str]:
        """Those with a row of any seed."""
        return self._chosen("image", (self._block(method, condition) >= 0).any(axis=0))

    def noisy_images(self, conditions: Sequence[str]) -> list[str]:
        """Those with a row of any method and seed under one of the conditions."""
        rows = self._rows[:, :, [self._at["condition"][c] for c in conditions]]
        return self._chosen("image", (rows >= 0).any(axis=(0, 1, 2)))

    def seeds(self, method: str) -> list[int]:
        """Those with a row under any condition, ascending."""
        return self._chosen("seed", self._scored[self._at["method"][method]].any(axis=1))

    def seeds_under(self, method: str, condition: str) -> list[int]:
        """Those with a row under the condition, in the order of the lines of `values`."""
        return self._chosen("seed", self._scored[self._at["method"][method], :, self._at["condition"][condition]])

    def subjects(self, images: Sequence[str]) -> NDArray[np.str_] | None:
        """The subject of each image by its first row, "" where it is not known; None where it is of no image."""
        if self._subjects is None:
            return None
        names = self._subjects[self._images(images)]
        return names if (names != "").any() else None

    @cached_property
    def _subjects(self) -> NDArray[np.str_] | None:
        """(images,) by the first row of each; None where the scores have no such column."""
        if "subject" not in self._scores:
            return None
        first = np.where(self._rows < 0, np.iinfo(np.int32).max, self._rows).min(axis=(0, 1, 2))
        return self._scores["subject"].iloc[first].astype(object).fillna("").to_numpy(str)

    @cached_property
    def _scored(self) -> NDArray[np.bool_]:
        """(methods, seeds, conditions) with a row of any image."""
        return np.asarray((self._rows >= 0).any(axis=3))

    def values_of_trainings(
        self, column: str, trainings: Sequence[tuple[str, int]], conditions: Sequence[str], images: Sequence[str]
    ) -> NDArray[np.float64]:
        """(conditions, images, trainings) of one column; nan where there is no row.

        Args:
            trainings: (method, seed) of each.
        """
        rows = self._rows_of_trainings(trainings, conditions, images)
        return np.where(rows >= 0, self._column(column)[rows], np.nan)

    def texts_of_trainings(
        self, column: str, trainings: Sequence[tuple[str, int]], conditions: Sequence[str], images: Sequence[str]
    ) -> NDArray[np.object_]:
        """(conditions, images) of one column of text, that of the last training with a row; None where none has."""
        rows = self._rows_of_trainings(trainings, conditions, images)
        last = rows.shape[2] - 1 - (rows >= 0)[..., ::-1].argmax(axis=2)
        chosen = np.take_along_axis(rows, last[..., None], axis=2)[..., 0]
        texts = self._scores[column].iloc[chosen.ravel()].astype(object).to_numpy(object).reshape(chosen.shape)
        return np.where(chosen >= 0, texts, np.full(chosen.shape, None, object))

    def values(self, column: str, method: str, condition: str, images: Sequence[str]) -> NDArray[np.float64]:
        """(seeds, images) of one column, of the seeds with a row under the condition; nan where there is no row."""
        rows = self._taken(method, condition, images)
        return np.where(rows >= 0, self._column(column)[rows], np.nan)

    def curves(self, column: str, method: str, conditions: Sequence[str], images: Sequence[str]) -> NDArray[np.float64]:
        """(conditions, seeds, images) of one column, of all seeds of the method; nan where there is no row."""
        number = self._at["method"][method]
        of_method = self._rows[number, self._scored[number].any(axis=1)]
        known = [k for k, condition in enumerate(conditions) if condition in self._at["condition"]]
        place = [self._at["condition"][conditions[k]] for k in known]
        rows = np.full((len(conditions), len(of_method), len(images)), -1, np.int32)
        rows[known] = of_method[:, place][:, :, self._images(images)].transpose(1, 0, 2)
        return np.where(rows >= 0, self._column(column)[rows], np.nan)

    def same_text(self, column: str, method: str, condition: str, other: str, images: Sequence[str]) -> float:
        """Share of the method's rows under a condition whose text is the same as the image's under another one."""
        if column not in self._codes:
            self._codes[column] = pd.factorize(self._scores[column])[0]
        rows, first = (self._taken(method, c, images) for c in (condition, other))
        scored = rows >= 0
        first = first[(first >= 0).argmax(axis=0), np.arange(len(images))]
        return float((self._codes[column][rows] == self._codes[column][first])[scored].mean())

    def _column(self, column: str) -> NDArray[np.float64]:
        if column not in self._columns:
            self._columns[column] = self._scores[column].to_numpy(float)
        return self._columns[column]

    def _images(self, images: Sequence[str]) -> NDArray[np.int64]:
        """Their positions; looked up once for the list that many calls share."""
        key = tuple(images)
        if key not in self._positions:
            self._positions[key] = np.array([self._at["image"][name] for name in images], int)
        return self._positions[key]

    def _rows_of_trainings(
        self, trainings: Sequence[tuple[str, int]], conditions: Sequence[str], images: Sequence[str]
    ) -> NDArray[np.int32]:
        """(conditions, images, trainings) row numbers, -1 where there is none."""
        methods = [self._at["method"][method] for method, _ in trainings]
        seeds = [self._at["seed"][seed] for _, seed in trainings]
        at = [self._at["condition"][condition] for condition in conditions]
        return self._rows[methods, seeds][:, at][:, :, self._images(images)].transpose(1, 2, 0)

    def _taken(self, method: str, condition: str, images: Sequence[str]) -> NDArray[np.int32]:
        """(seeds, images) row numbers, -1 where there is none, of the seeds with a row under the condition."""
        scored = self._scored[self._at["method"][method], :, self._at["condition"][condition]]
        return self._block(method, condition)[scored][:, self._images(images)]

    def _block(self, method: str, condition: str) -> NDArray[np.int32]:
        return self._rows[self._at["method"][method], :, self._at["condition"][condition]]

    def _chosen(self, axis: str, chosen: ArrayLike) -> list:
        """The names of an axis that are chosen (number of names,)."""
        return [self._names[axis][i] for i in np.flatnonzero(chosen)]
