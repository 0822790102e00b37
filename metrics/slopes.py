"""Statistics as functions of means, and their derivatives: how much each mean, and so each subject, changes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from metrics.sample import Floats, Sample

Statistic = Callable[[Floats], Floats]  # means (..., M) -> values (...), nan where it is not defined
STEP = 1e-5  # of the numerical derivative, as a share of the largest mean
SMALLEST = 1e-3  # of the largest mean, for that step: means of 0 have one too


def slopes_of(sample: Sample, statistics: Sequence[Statistic]) -> Floats:
    """(K, M) derivative of each statistic with respect to each mean, numerically; 0 where it is undefined."""
    means = sample.means
    step = STEP * max(SMALLEST, float(np.nanmax(np.abs(means), initial=0.0)))
    around = means + step * np.vstack([np.eye(len(means)), -np.eye(len(means))])
    moved = np.array([np.broadcast_to(f(around), 2 * len(means)) for f in statistics])
    up, down = moved[:, : len(means)], moved[:, len(means) :]
    return np.nan_to_num((up - down) / (2 * step), posinf=0.0, neginf=0.0)


def influences(sample: Sample, slopes: Floats) -> Floats:
    """(G, K) how much each subject changes each statistic, to first order; the mean over subjects is 0.

    The statistic of a draw is approximately its value plus the mean influence of the drawn subjects.

    Args:
        sample: M arrays.
        slopes: (K, M) of the statistics, from `slopes_of`.
    """
    return sample.subjects * (slopes @ sample.shares).T
