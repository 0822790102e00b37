"""The features of a lesion's profile that the regressions of `experts` use.

A profile is the share of lesion in each of B bands, from the top of the image to its bottom, for each grid column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PRESENT = 0.012  # a band has lesion if more than this share of it is
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def column_features(profiles: NDArray[np.float64], column: int) -> NDArray[np.float64]:
    """(N, P * F) features of one column: those of each kind of rows, one kind after the other.

    Args:
        profiles: (N, P, C, B), for P kinds of rows.
        column: index among the C.
    """
    return np.column_stack([_features(profiles[:, kind], column) for kind in range(profiles.shape[1])])


def _features(profiles: NDArray[np.float64], column: int) -> NDArray[np.float64]:
    """(N, F) features of one column of profiles (N, C, B), all unitless: amount, extent and centre of the lesion.

    They include the extent of the lesion in the other columns, which shows how the patient is placed in the image.
    """
    own, others = profiles[:, column], np.delete(profiles, column, axis=1).sum(axis=1)
    bins = own.shape[1]
    total = own.sum(axis=1)
    cumulative = np.cumsum(own, axis=1) / np.maximum(total, 1e-9)[:, None]
    quantiles = [np.where(total > 0, (cumulative < q).sum(axis=1), 0) / bins for q in QUANTILES]
    mean = own @ np.arange(bins) / np.maximum(total, 1e-9) / bins
    top, bottom, touched = _extent(own)
    other_top, other_bottom, _ = _extent(others)
    pairs_of_bands = own.reshape(len(own), bins // 2, 2).sum(axis=2)
    return np.column_stack(
        [
            total / bins,
            top,
            bottom,
            bottom - top,
            mean,
            own.max(axis=1),
            *quantiles,
            other_top,
            other_bottom,
            touched,
            pairs_of_bands,
        ]
    )


def _extent(profile: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """First and last band with lesion, and the number of such bands, as shares of the height; (1, 0, 0) if none has."""
    bins = profile.shape[1]
    has_lesion = profile > PRESENT
    is_present = has_lesion.any(axis=1)
    top = np.where(is_present, has_lesion.argmax(axis=1), bins) / bins
    bottom = np.where(is_present, bins - has_lesion[:, ::-1].argmax(axis=1), 0) / bins
    return top, bottom, has_lesion.sum(axis=1) / bins
