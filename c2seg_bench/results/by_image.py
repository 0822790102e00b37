"""Rows of scores as arrays with a line per training and a place per image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class ByImage:
    """Rows of one dataset, predictor and condition: `scores["dice"]` is (seeds, images), nan where there is no row."""

    def __init__(self, rows: pd.DataFrame, images: Sequence[str]):
        """From rows with `seed` and `image`, each image at most once per seed; those of other images are left out."""
        seeds, line = np.unique(rows["seed"], return_inverse=True)
        place = _positions(rows["image"], images)
        self.seeds: list[int] = [int(seed) for seed in seeds]
        self._rows, self._shape = rows, (len(seeds), len(images))
        self._wanted = place >= 0
        self._at = line[self._wanted], place[self._wanted]

    def __getitem__(self, column: str) -> NDArray[np.float64]:
        values = np.full(self._shape, np.nan)
        values[self._at] = self._rows[column].to_numpy(float)[self._wanted]
        return values


def methods_by_images(images_of: Mapping[str, Sequence[str]]) -> list[tuple[list[str], list[str]]]:
    """(images, the methods that have these), so that they share their draws; a method without images is left out."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for method, images in images_of.items():
        if images:
            groups.setdefault(tuple(images), []).append(method)
    return [(list(images), methods) for images, methods in groups.items()]


def subjects_of(scores: pd.DataFrame, images: list[str]) -> np.ndarray | None:
    """The subject of each image of one dataset, "" where it is not known; None where it is of no image."""
    if "subject" not in scores:
        return None
    names = scores.drop_duplicates("image").set_index("image")["subject"].loc[images].fillna("").to_numpy(str)
    return names if (names != "").any() else None


def _positions(names: pd.Series, images: Sequence[str]) -> NDArray[np.int64]:
    """(rows,) place of each name in `images`, -1 where it is not among them; a category is looked up once."""
    index = pd.Index(images)
    if isinstance(names.dtype, pd.CategoricalDtype):
        return np.append(index.get_indexer(names.cat.categories), -1)[names.cat.codes]
    return index.get_indexer(names)
