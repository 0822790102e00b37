"""Compiled loops over the draws of a bootstrap, where NumPy would write an array of millions for each step."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def count_drawn(drawn, subjects):
    """How often each subject is in each draw: (n, G) int64 of positions -> (n, `subjects`) float64."""
    counts = np.zeros((len(drawn), subjects))
    for row in range(len(drawn)):
        for subject in drawn[row]:
            counts[row, subject] += 1.0
    return counts


@njit(cache=True)
def largest_ratios(means, squares, moved, variances, first, second, subjects, smallest):
    """Of each of n draws, the largest difference of two of K methods in units of its standard error: (n,).

    Args:
        means: (n, K) of the drawn subjects' influences.
        squares: (n, P) sums over the drawn subjects of each pair's squared difference.
        moved, variances: (n, K) what other trainings add to each method, and the variance of that.
        first, second: (P,) the methods of each pair.
        subjects: G.
        smallest: a standard error that is no larger counts as none, and its pair is left out.
    """
    largest = np.zeros(len(means))
    for row in range(len(means)):
        for pair in range(len(first)):
            i, j = first[pair], second[pair]
            gap = means[row, i] - means[row, j]
            spread = max(squares[row, pair] / subjects - gap**2, 0.0) / (subjects - 1)
            error = np.sqrt(spread + variances[row, i] + variances[row, j])
            if error > smallest:
                gap += moved[row, i] - moved[row, j]
                largest[row] = max(largest[row], abs(gap) / error)
    return largest
