"""How far a lesion occupies each cell of a grid, from the shares of its components and of the cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPREAD = (0.6, 0.85)  # share of the grid; from the first to the second a component gradually loses its main cell


def occupied(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each component occupies each cell, (K, cells) in [0, 1].

    A component occupies a cell by its share in it. One that is spread over most of the grid, such as a ring through all
    cells, has no main cell, and occupies each by the ratio of its share to the largest share. The spread is measured in
    cells by the inverse of Simpson's index, 1 / sum of squared shares.

    Args:
        shares: (K, cells) of each component; rows sum to 1.
    """
    cells = 1 / np.maximum((shares**2).sum(axis=1, keepdims=True), 1e-12)
    spread = np.clip((cells / shares.shape[1] - SPREAD[0]) / (SPREAD[1] - SPREAD[0]), 0, 1)
    main = np.maximum(shares.max(axis=1, keepdims=True), 1e-12)
    return shares * (1 - spread) + shares / main * spread


def covered_beyond_half(covered: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 if at most half of a cell is lesion, rising to 1 if all of it is."""
    return np.clip(2 * covered - 1, 0, 1)
