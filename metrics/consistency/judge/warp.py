"""Re-bins a mask's components from rows of pixels to bands of the image or of each lung."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency.judge.components import components

FINEST = 256  # most bands of the height that a mask is reduced to
MARGIN = 0.15  # share of a lung's height that its profile includes above and below


def by_rows(
    mask: NDArray[np.uint8], columns: NDArray[np.int64], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pixels (K, B, n) of each component in each band and grid column; and the bounds of the bands (B + 1,).

    A band is one row of pixels, or several if the mask has more than 256.

    Args:
        columns: (W,) the grid column, below n, of each column of pixels.
    """
    height = mask.shape[0]
    bands = min(height, FINEST)
    counts = components(mask, np.arange(height) * bands // height, columns, bands, n)
    return counts, -(-np.arange(bands + 1) * height // bands) / height


def between(counts: NDArray, positions: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels of K components between consecutive edges; an edge within a band divides its pixels in proportion.

    Args:
        counts: (K, B, C) pixels in each band and column, as from `by_rows`.
        positions: (B + 1,) bounds of the bands, as shares of the height.
        edges: (C, E + 1) for each column, as shares of the height.

    Returns:
        (K, E, C) float.
    """
    total = np.concatenate([np.zeros((len(counts), 1, counts.shape[2])), np.cumsum(counts, axis=1)], axis=1)
    out = []
    for column, own in enumerate(edges):
        band = np.interp(own, positions, np.arange(len(positions)))
        low = np.minimum(band.astype(int), len(positions) - 2)
        share = band - low
        upto = total[:, low, column] * (1 - share) + total[:, low + 1, column] * share
        out.append(np.diff(upto, axis=1))
    return np.stack(out, axis=2)


def cell_edges(cuts: ArrayLike, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, R + 1) bounds of the grid's rows, as shares of the image; the outer rows reach its border.

    Args:
        cuts: (R - 1,) shares of the lung's height.
        rows: (2, 2), as in `Extents.rows`.
    """
    top, bottom = rows[:, :1], rows[:, 1:]
    inner = top + np.asarray(cuts, float)[None] * (bottom - top)
    return np.concatenate([np.zeros((2, 1)), inner, np.ones((2, 1))], axis=1)


def profiles(
    counts: NDArray,
    positions: NDArray[np.float64],
    rows: NDArray[np.float64] | None,
    shape: tuple[int, ...],
    bins: int,
) -> NDArray[np.float64]:
    """The share of lesion in each of `bins` bands of the image and, if known, of the lungs, (1 or 2, C, bins).

    Args:
        counts, positions: as in `between`.
        shape: (H, W) of the mask.
        bins: bands per profile.
        rows: (2, 2) of the lungs, as in `Extents.rows`; None: only bands of the image.
    """
    even = np.broadcast_to(np.arange(bins + 1) / bins, (counts.shape[2], bins + 1))
    kinds = [even]
    if rows is not None:
        kinds.append(rows[:, :1] + (even * (1 + 2 * MARGIN) - MARGIN) * (rows[:, 1:] - rows[:, :1]))
    whole = counts.sum(axis=0, keepdims=True)
    out = []
    for edges in kinds:
        in_bands = between(whole, positions, edges)[0].T
        out.append(in_bands / (np.diff(edges, axis=1) * shape[0] * shape[1]))
    return np.array(out)
