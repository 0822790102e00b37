"""What a check needs to know of a mask: its components, and where in the frame's grid they lie."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency.frame.extents import Extents
from metrics.consistency.judge import warp
from metrics.consistency.judge.components import components
from metrics.errors import InputError

if TYPE_CHECKING:
    from metrics.consistency.frame.frame import Frame

BINS = 28  # bands of the picture's height in a profile
CHUNK = 64


@dataclass(frozen=True)
class Features:
    """N masks as the checks see them. Components under the frame's minimum area are not there.

    Args:
        count: (N,) int, components.
        area: (N,) float, share of the picture that is lesion.
        sides: (N, C) float, share of the lesion in each column of the grid; 0 for an empty mask.
        cells: (N, C * R) float in [0, 1], how far each cell of `Ontology.cells` is held: the largest share that one
            component has in it (1 where one lies inside, however small), or how far the lesion covers more than half
            of the cell (1 where it covers all), so that a lesion as large as the picture holds all cells.
        expert: (N, C * R) float in [0, 1], how likely an expert would name the cell; None where the frame has no such
            model.
    """

    count: NDArray[np.int64]
    area: NDArray[np.float64]
    sides: NDArray[np.float64]
    cells: NDArray[np.float64]
    expert: NDArray[np.float64] | None

    def __len__(self) -> int:
        return len(self.count)

    def __getitem__(self, rows: slice | NDArray) -> Features:
        expert = None if self.expert is None else self.expert[rows]
        return Features(self.count[rows], self.area[rows], self.sides[rows], self.cells[rows], expert)


def binary(mask: ArrayLike, what: str) -> NDArray[np.uint8]:
    """The mask as (H, W) uint8 of 0 and 1; InputError where it is none."""
    array = np.asarray(mask)
    if array.ndim != 2 or 0 in array.shape:
        raise InputError(f"{what} has shape {array.shape}; give a mask (H, W)")
    if array.dtype != bool and not ((array == 0) | (array == 1)).all():
        raise InputError(f"{what} holds other values than 0 and 1; cut it at its threshold first")
    return np.ascontiguousarray(array.astype(np.uint8))


def features(
    masks: Sequence[ArrayLike] | NDArray, frame: Frame, workers: int | None = None, extents: Extents | None = None
) -> Features:
    """Features of masks (N, H, W), or of a list of N masks of any shapes, in a frame.

    Args:
        extents: of `Frame.extents`, None for a frame whose rows are shares of the picture.

    Raises:
        InputError: a mask is not (H, W) or holds other values than 0 and 1; names its position.
    """
    n, rows, columns = len(masks), len(frame.rows) + 1, len(frame.columns) + 1
    count, area = np.zeros(n, np.int64), np.zeros(n)
    sides, cells = np.zeros((n, columns)), np.zeros((n, columns * rows))
    kinds = 1 if extents is None else 2
    profiles = np.zeros((n, kinds, columns, BINS)) if frame.experts is not None else None

    def one(i: int) -> None:
        mask = binary(masks[i], f"mask {i}")
        if extents is not None:
            count[i], area[i], sides[i], cells[i], profile = in_lungs(mask, frame, extents.rows[i], extents.midline[i])
            if profiles is not None:
                profiles[i] = profile
            return
        height, width = mask.shape
        row_cell, column_cell = frame.row_cells(height), frame.column_cells(width)
        found = large(components(mask, row_cell, column_cell, rows, columns), frame, mask.size)
        count[i] = len(found)
        if not len(found):
            return
        sizes = found.sum(axis=(1, 2))
        area[i] = sizes.sum() / mask.size
        sides[i] = found.sum(axis=(0, 1)) / sizes.sum()
        cells[i] = held(
            found, np.outer(np.bincount(row_cell, minlength=rows), np.bincount(column_cell, minlength=columns))
        )
        if profiles is not None:
            bands = np.arange(height) * BINS // height
            banded = large(components(mask, bands, column_cell, BINS, columns), frame, mask.size).sum(axis=0)
            profiles[i, 0] = (banded / (mask.size / BINS)).T

    def chunk(start: int) -> None:
        for i in range(start, min(start + CHUNK, n)):
            one(i)

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        list(pool.map(chunk, range(0, n, CHUNK)))
    expert = None if profiles is None or frame.experts is None else frame.experts.probability(profiles)
    return Features(count, area, sides, cells, expert)


def in_lungs(
    mask: NDArray[np.uint8], frame: Frame, rows: NDArray[np.float64], midline: float
) -> tuple[int, float, NDArray, NDArray, NDArray]:
    """Count, area, sides (2,), cells (2 R,) and profiles (2, 2, BINS) of one mask, its lungs at these rows (2, 2)."""
    found, positions = warp.by_rows(mask, midline)
    found = large(found, frame, mask.size)
    left = np.count_nonzero((np.arange(mask.shape[1]) + 0.5) / mask.shape[1] <= midline)
    widths = np.array([left, mask.shape[1] - left])
    if frame.convention == "patient":
        found, rows, widths = found[:, :, ::-1], rows[::-1], widths[::-1]
    profile = warp.profiles(found, positions, rows, mask.shape, BINS)
    if not len(found):
        return 0, 0.0, np.zeros(2), np.zeros(2 * (len(frame.rows) + 1)), profile
    edges = warp.cell_edges(frame.rows, rows)
    cells = held(warp.between(found, positions, edges), np.diff(edges, axis=1).T * mask.shape[0] * widths)
    total = found.sum()
    return len(found), total / mask.size, found.sum(axis=(0, 1)) / total, cells, profile


def held(found: NDArray, sizes: NDArray) -> NDArray[np.float64]:
    """`Features.cells` of one mask: components (K, R, C) and the cells' sizes (R, C), in one unit -> (C * R,)."""
    share = found / found.sum(axis=(1, 2), keepdims=True)
    return np.maximum(share.max(axis=0), beyond_half(found.sum(axis=0), sizes)).T.ravel()


def beyond_half(lesion: NDArray, sizes: NDArray) -> NDArray[np.float64]:
    """0 where at most half of a cell is lesion, 1 where all of it is."""
    return np.clip(2 * lesion / np.maximum(sizes, 1e-12) - 1, 0, 1)


def large(found: NDArray[np.int64], frame: Frame, pixels: int) -> NDArray[np.int64]:
    """Without the components below the frame's minimum area."""
    return found[found.sum(axis=(1, 2)) >= frame.min_area * pixels]
