"""The features of a mask that the judge needs: its components, and how they occupy the cells of the frame's grid."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import binary, to_array
from metrics.consistency.frame.extents import Extents
from metrics.consistency.judge import warp
from metrics.consistency.judge.occupancy import covered_beyond_half, occupied
from metrics.errors import InputError

if TYPE_CHECKING:
    from metrics.consistency.frame.frame import Frame

BINS = 28  # bands of the image's height in a profile
CHUNK = 64  # masks per task of a thread
SMALLEST = 16  # pixels of height and width; a profile of a smaller mask means nothing
SPECKS = 4  # times the minimum area; specks of an empty mask may cover less than this together
DOUBT = 0.05  # probability that an expert names a cell that is clearly free, or omits one that is clearly occupied


@dataclass(frozen=True)
class Features:
    """Features of N masks, without the components under the frame's minimum area.

    Args:
        count: (N,) int, components.
        area: (N,) float, share of the image that is lesion.
        specks: (N,) float, share of the image that is in components under the minimum area.
        sides: (N, C) float, share of the lesion in each column of the grid; 0 for an empty mask.
        cells: (N, C * R) float in [0, 1], how far each cell of `Ontology.cells` is occupied: the largest share of a
            component in it (1 if one is inside, however small; see `occupancy.occupied` for components spread over many
            cells), or, if larger, how far the lesion covers more than half of the cell (1 if it covers all).
        covered: (N, C * R) float in [0, 1], share of each cell that is lesion.
        expert: (N, C * R) float in [0, 1], how likely an expert would name the cell; None without `Frame.experts`.
    """

    count: NDArray[np.int64]
    area: NDArray[np.float64]
    specks: NDArray[np.float64]
    sides: NDArray[np.float64]
    cells: NDArray[np.float64]
    covered: NDArray[np.float64]
    expert: NDArray[np.float64] | None

    def __len__(self) -> int:
        return len(self.count)

    def __getitem__(self, rows: slice | NDArray) -> Features:
        values: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        chosen: dict[str, Any] = {name: None if value is None else value[rows] for name, value in values.items()}
        return Features(**chosen)

    def empty(self, frame: Frame) -> NDArray[np.bool_]:
        """(N,) whether a mask has no component of the minimum area, and few specks."""
        return np.asarray((self.count == 0) & (self.specks < max(SPECKS * frame.min_area, 1e-12)))


def zeros_and_ones(mask: ArrayLike, description: str) -> NDArray[np.uint8]:
    """The mask as (H, W) uint8 of 0 and 1.

    Args:
        mask: (H, W) array or tensor, bool or 0/1.
        description: of the mask, for messages.

    Raises:
        InputError: another shape, no pixels, or other values.
    """
    array = to_array(mask)
    if array.ndim != 2 or 0 in array.shape:
        raise InputError(f"{description} has shape {array.shape}; give a mask (H, W)")
    return np.ascontiguousarray(binary(array, description).astype(np.uint8))


def features(
    masks: Sequence[ArrayLike] | NDArray, frame: Frame, workers: int | None = None, extents: Extents | None = None
) -> Features:
    """Features of N masks in a frame.

    Args:
        masks: (N, H, W), or N masks (H, W) of any shapes, bool or 0/1.
        frame: that places the grid.
        workers: threads; None: as many as cores. The result does not depend on it.
        extents: of `Frame.extents`, None for a frame whose rows are shares of the image.

    Raises:
        InputError: a mask is not (H, W), has values other than 0 and 1, or is too small for a frame with experts; the
            message has its position. Fewer than one worker.
    """
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}; give 1 or more")
    n, rows, columns = len(masks), len(frame.rows) + 1, len(frame.columns) + 1
    kinds = 1 if extents is None else 2
    out = Features(
        count=np.zeros(n, np.int64),
        area=np.zeros(n),
        specks=np.zeros(n),
        sides=np.zeros((n, columns)),
        cells=np.zeros((n, columns * rows)),
        covered=np.zeros((n, columns * rows)),
        expert=None,
    )
    profiles = np.zeros((n, kinds, columns, BINS)) if frame.experts is not None else None

    def chunk(start: int) -> None:
        for i in range(start, min(start + CHUNK, n)):
            mask = zeros_and_ones(masks[i], f"mask {i}")
            if profiles is not None and min(mask.shape) < SMALLEST:
                raise InputError(
                    f"mask {i} has shape {mask.shape}; frame {frame.name} needs at least {SMALLEST} rows and columns: "
                    "score larger masks, or take the frame thirds"
                )
            lungs = None if extents is None else (extents.rows[i], float(extents.midline[i]))
            profile = describe(mask, frame, lungs, out, i, profiles is not None)
            if profiles is not None and profile is not None:
                profiles[i] = profile

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        list(pool.map(chunk, range(0, n, CHUNK)))
    if profiles is None or frame.experts is None:
        return out
    return replace(out, expert=frame.experts.naming_probability(profiles, by_cuts(out, frame)))


def describe(
    mask: NDArray[np.uint8],
    frame: Frame,
    lungs: tuple[NDArray[np.float64], float] | None,
    out: Features,
    i: int,
    profiled: bool,
) -> NDArray[np.float64] | None:
    """Write the features of one mask to row i of `out`.

    Args:
        mask: (H, W) of 0 and 1.
        frame: that places the grid.
        lungs: rows (2, 2) and midline of the lungs, for a frame relative to them; else None.
        out: features of all masks.
        i: row of this mask.
        profiled: whether to compute the profiles.

    Returns:
        Profiles (kinds, C, BINS), or None.
    """
    height, width = mask.shape
    columns = frame.column_cells(width) if lungs is None else sides_of(width, lungs[1])
    pixels, positions = warp.by_rows(mask, columns, len(frame.columns) + 1)
    sizes = pixels.sum(axis=(1, 2))
    keep = sizes >= frame.min_area * mask.size
    out.specks[i] = sizes[~keep].sum() / mask.size
    pixels = pixels[keep]
    edges = frame.edges() if lungs is None else warp.cell_edges(frame.rows, lungs[0])
    widths = np.bincount(columns, minlength=pixels.shape[2])
    if lungs is not None and frame.convention == "patient":
        pixels, edges, widths = pixels[:, :, ::-1], edges[::-1], widths[::-1]
    if len(pixels):
        out.count[i], out.area[i] = len(pixels), pixels.sum() / mask.size
        out.sides[i] = pixels.sum(axis=(0, 1)) / pixels.sum()
        in_cells = warp.between(pixels, positions, edges).transpose(0, 2, 1).reshape(len(pixels), -1)
        out.covered[i] = in_cells.sum(axis=0) / np.maximum(
            (np.diff(edges, axis=1) * height * widths[:, None]).ravel(), 1e-12
        )
        shares = in_cells / in_cells.sum(axis=1, keepdims=True)
        out.cells[i] = np.maximum(occupied(shares).max(axis=0), covered_beyond_half(out.covered[i]))
    if not profiled:
        return None
    rows = None if lungs is None else lungs[0][::-1] if frame.convention == "patient" else lungs[0]
    return warp.profiles(pixels, positions, rows, mask.shape, BINS)


def sides_of(width: int, midline: float) -> NDArray[np.int64]:
    """(W,) 0 for columns of pixels left of the midline, 1 right of it."""
    return ((np.arange(width) + 0.5) / width > midline).astype(np.int64)


def by_cuts(described: Features, frame: Frame) -> NDArray[np.float64]:
    """(N, C * R) how likely an expert would name each cell, from its occupancy alone."""
    share = (described.cells - frame.inside) / max(frame.outside - frame.inside, 1e-9)
    return DOUBT + (1 - 2 * DOUBT) * np.clip(share, 0, 1)
