"""The compiled loops over draws against the same in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics._resampling import count_drawn, largest_ratios

SMALLEST = 1e-12


@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_counts_as_numpys_bincount(draws, subjects, seed):
    drawn = np.random.default_rng(seed).integers(0, subjects, (draws, subjects))
    assert count_drawn(drawn, subjects).tolist() == [np.bincount(row, minlength=subjects).tolist() for row in drawn]


@given(st.integers(1, 12), st.integers(2, 9), st.integers(2, 6), st.booleans(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_largest_ratios_as_in_numpy(draws, subjects, methods, with_trainings, seed):
    rng = np.random.default_rng(seed)
    counts = count_drawn(rng.integers(0, subjects, (draws, subjects)), subjects)
    of_subject = rng.normal(size=(subjects, methods)).round(1)
    of_subject[:, 1] = of_subject[:, 0]  # a pair without a difference, which is left out unless its trainings vary
    first, second = np.triu_indices(methods, 1)
    means, squares = counts @ of_subject / subjects, counts @ (of_subject[:, first] - of_subject[:, second]) ** 2
    moved, variances = with_trainings * rng.normal(size=(draws, methods)), with_trainings * rng.random((draws, methods))
    expected = np.zeros(draws)
    for i, j, square in zip(first, second, squares.T, strict=True):
        gap = means[:, i] - means[:, j]
        spread = np.maximum(square / subjects - gap**2, 0) / (subjects - 1)
        error = np.sqrt(spread + variances[:, i] + variances[:, j])
        varied = error > SMALLEST
        ratio = np.abs(gap + moved[:, i] - moved[:, j])[varied] / error[varied]
        expected[varied] = np.maximum(expected[varied], ratio)
    found = largest_ratios(means, squares, moved, variances, first, second, subjects, SMALLEST)
    assert found == pytest.approx(expected, rel=1e-9)
