"""Rows as arrays with a line per training and a place per image: what a pivot of the rows has."""

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.results.by_image import ByImage

IMAGES = ["c", "a", "b"]


def rows(categories=False):
    """Of seeds 5 and 2, in no order; seed 2 lacks image b, and image z is none of those wanted."""
    table = pd.DataFrame(
        [(5, "a", 0.5), (2, "c", 0.2), (5, "z", 0.9), (5, "b", np.nan), (5, "c", 0.7), (2, "a", 0.1)],
        columns=["seed", "image", "dice"],
    )
    return table.astype({"image": "category"}) if categories else table


@pytest.mark.parametrize("categories", [False, True])
def test_values_are_those_of_a_pivot(categories):
    scores = ByImage(rows(categories), IMAGES)
    assert scores.seeds == [2, 5]
    expected = rows().pivot(index="seed", columns="image", values="dice")[IMAGES].to_numpy()
    np.testing.assert_array_equal(scores["dice"], expected)
    np.testing.assert_array_equal(scores["dice"], [[0.2, 0.1, np.nan], [0.7, 0.5, np.nan]])


@pytest.mark.parametrize("categories", [False, True])
def test_of_no_rows_there_is_no_training(categories):
    scores = ByImage(rows(categories).iloc[:0], IMAGES)
    assert scores.seeds == [] and scores["dice"].shape == (0, 3)
