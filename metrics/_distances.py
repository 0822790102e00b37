"""Compiled loops that measure the distances between outlines exactly; they release the GIL.

One pass down and one up find, for each pixel, the distance within its column to the nearest boundary pixel of the other
mask. The search for a boundary pixel then starts in its own column, goes on to the columns left and right, and stops
when the next column is farther away than the best distance so far: for masks that nearly agree, few columns are read.

If many columns are read, the rest of the row uses the lower envelope of its columns' parabolas, the second half of an
exact distance transform. If the other mask has few columns, all are read. In a volume, each column of a slice first
takes such an envelope over its rows.

All loops are in one file because numba renews its cache when the file of a function changes, but not when a function
that it calls from another file does.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FAR = 1 << 29  # stands for the distance, in rows, in a column without a boundary pixel
NARROW = 32  # an outline with at most so many columns is compared with every pixel
BUDGET = 4  # columns read per column of a row before its envelope is taken


@njit(cache=True, nogil=True)
def distances(masks, sizes, counts, boxes, steps, out):
    """Distances of N pairs: from pred's boundary pixels to target's, then back.

    Args:
        masks, sizes: as for `count`.
        counts, boxes: what `count` returned.
        steps: (N, 2) row and column step of a pixel.
        out: float64 for the distances, as many as there is foreground or more.

    Returns:
        (N, 3) int64, positions in `out`: where a pair's distances begin, where those from the target begin, and where
        they end. A pair with an empty mask has none.
    """
    bounds = np.empty((len(sizes), 3), np.int64)
    start, n = 0, 0
    for i in range(len(sizes)):
        height, width = sizes[i]
        middle, end = start + height * width, start + 2 * height * width
        bounds[i] = n
        if counts[i, 1] > 0 and counts[i, 2] > 0:
            pred = boundary(masks[start:middle].reshape(height, width), boxes[i])
            target = boundary(masks[middle:end].reshape(height, width), boxes[i])
            n += nearest(pred, rows_to(target), FAR, steps[i], out[n:])
            bounds[i, 1] = n
            n += nearest(target, rows_to(pred), FAR, steps[i], out[n:])
            bounds[i, 2] = n
        start = end
    return bounds


@njit(cache=True, nogil=True)
def boundary(mask, box):
    """(h, w) uint8, 1 at foreground pixels of the box with a background 4-neighbour; outside the image is background.

    Rows are padded with zeros, so that w is a multiple of eight.
    """
    top, bottom, left, right = box
    height, width = bottom - top + 1, right - left + 1
    framed = np.zeros((height + 2, width + 2), np.uint8)
    # unsigned, because numba checks whether a signed index is negative, and then copies byte by byte
    down, along = np.uint64(top), np.uint64(left)
    for r in range(np.uint64(height)):
        for c in range(np.uint64(width)):
            framed[r + 1, c + 1] = mask[r + down, c + along]
    edge = np.zeros((height, (width + 7) // 8 * 8), np.uint8)
    for r in range(height):
        for c in range(width):
            inside = framed[r, c + 1] & framed[r + 2, c + 1] & framed[r + 1, c] & framed[r + 1, c + 2]
            edge[r, c] = framed[r + 1, c + 1] & (inside ^ 1)
    return edge


@njit(cache=True, nogil=True)
def nearest(edge, rows, far, steps, out):
    """Distances from each pixel of `edge` to the nearest of another, row by row into `out`; returns how many.

    Args:
        edge: (H, W) uint8, 1 at the pixels, W a multiple of eight.
        rows: (H, W) row steps to the nearest pixel of the other in each column.
        far: `rows` is at least this in a column without a pixel of the other; at least one column has one.
        steps: (2,) row and column step.
        out: float64.
    """
    left, right = 0, rows.shape[1] - 1
    while rows[0, left] >= far:
        left += 1
    while rows[0, right] >= far:
        right -= 1
    if right - left < NARROW:
        n = nearest_of_few(edge, rows, far, left, right, steps, out)
    else:
        n = nearest_of_many(edge, rows, far, left, right, steps, out)
    for i in range(n):
        out[i] = np.sqrt(out[i])
    return n


@njit(cache=True, nogil=True)
def rows_to(edge):
    """For each pixel the number of rows to the nearest edge pixel of its column, FAR where the column has none."""
    height, width = edge.shape
    rows = np.empty((height, width), np.int32)
    for c in range(width):
        rows[0, c] = 0 if edge[0, c] else FAR
    for r in range(1, height):
        for c in range(width):
            rows[r, c] = 0 if edge[r, c] else min(rows[r - 1, c] + 1, FAR)
    for r in range(height - 2, -1, -1):
        for c in range(width):
            rows[r, c] = min(rows[r, c], rows[r + 1, c] + 1)
    return rows


@njit(cache=True, nogil=True)
def nearest_of_few(edge, rows, far, left, right, steps, out):
    """Squared distances to the columns `left` to `right`: every pixel of a row looks at all of them."""
    height, width = edge.shape
    columns, squared = np.empty(width + 8, np.uint32), np.empty(width)
    eights = edge.view(np.uint64)
    n = 0
    for r in range(height):
        count = columns_of(edge, eights, r, columns)
        if count == 0:
            continue
        square(rows, r, far, steps[0], squared)
        best = out[n : n + count]
        best[:] = np.inf
        for c in range(left, right + 1):
            for i in range(count):
                side = (np.int64(columns[i]) - c) * steps[1]
                best[i] = smaller(best[i], squared[c] + side * side)
        n += count
    return n


@njit(cache=True, nogil=True)
def nearest_of_many(edge, rows, far, left, right, steps, out):
    """Squared distances to the columns `left` to `right`, from a pixel's own column outwards.

    All pixels of a row look two columns to either side. Those for which a third could be nearer look further, until
    they have read BUDGET times as many columns as there are, and then take the row's envelope.
    """
    height, width = edge.shape
    columns = np.empty(width + 8, np.uint32)
    eights = edge.view(np.uint64)
    framed = np.full(3 * width, np.inf)  # nothing beyond either end of the row
    squared = framed[width : 2 * width]
    sides = np.full(width + 1, np.inf)  # squared steps to the side
    for k in range(width):
        sides[k] = (k * steps[1]) ** 2
    nearest_columns, starts = np.empty(width, np.int64), np.empty(width)
    n = 0
    for r in range(height):
        count = columns_of(edge, eights, r, columns)
        if count == 0:
            continue
        square(rows, r, far, steps[0], squared)
        best = out[n : n + count]
        look_beside(framed, columns, count, sides, best)
        unread, pieces, piece = BUDGET * width, 0, 0
        for i in range(count):
            if best[i] <= sides[3]:
                continue
            c = np.int64(columns[i])
            if unread > 0:
                first = max(3, left - c, c - right)
                best[i], last = look_further(framed, c + width, sides, first, best[i])
                unread -= last - first
                continue
            if pieces == 0:
                pieces = envelope(squared, left, right, sides[1], nearest_columns, starts)
            while piece + 1 < pieces and starts[piece + 1] < c:
                piece += 1
            other = nearest_columns[piece]
            best[i] = smaller(best[i], squared[other] + sides[abs(c - other)])
        n += count
    return n


@njit(cache=True, nogil=True)
def columns_of(edge, eights, r, columns):
    """The columns of the edge pixels of row r, ascending, into `columns`; returns how many. `eights` views `edge`."""
    n = np.uint64(0)
    for k in range(eights.shape[1]):
        if eights[r, k]:
            for c in range(8 * k, 8 * k + 8):
                columns[n] = c
                n += np.uint64(edge[r, c])
    return np.int64(n)


@njit(cache=True, nogil=True)
def square(rows, r, far, row_step, squared):
    """The squared distance to the nearest edge pixel of each column (W,), inf where the column has none."""
    for c in range(rows.shape[1]):
        down = rows[r, c] * row_step
        squared[c] = down * down if rows[r, c] < far else np.inf


@njit(cache=True, nogil=True)
def look_beside(framed, columns, count, sides, best):
    """The best squared distances of a row's pixels within two steps to the side."""
    width, one, two = np.uint64(sides.size - 1), np.uint64(1), np.uint64(2)
    side1, side2 = sides[1], sides[2]
    for i in range(count):
        at = columns[i] + width
        one_off = smaller(framed[at - one], framed[at + one]) + side1
        two_off = smaller(framed[at - two], framed[at + two]) + side2
        best[i] = smaller(framed[at], smaller(one_off, two_off))


@njit(cache=True, nogil=True)
def look_further(framed, at, sides, first, best):
    """The best squared distance, searched from `first` steps to the side on, and the step at which the search ended."""
    at, step = np.uint64(at), np.uint64(first)
    while sides[step] < best:
        best = smaller(best, smaller(framed[at - step], framed[at + step]) + sides[step])
        step += np.uint64(1)
    return best, np.int64(step)


@njit(cache=True, nogil=True)
def envelope(squared, left, right, unit, columns, starts):
    """Which column is nearest from each column of one row (Felzenszwalb and Huttenlocher 2012, section 2.1).

    The squared distance from column x by way of column c, of `left` to `right`, is a parabola in x; the lower envelope
    of all has n pieces, piece k being of `columns[k]` and beginning at `starts[k]`, in columns. `squared` (W,) as
    `square` gives it, `unit` the squared column step. Returns n; 0 where no column has an edge pixel.
    """
    n = 0
    for c in range(left, right + 1):
        if squared[c] == np.inf:
            continue
        height, start = squared[c] / unit, -np.inf
        while n > 0:
            last = columns[n - 1]
            start = ((height + c * c) - (squared[last] / unit + last * last)) / (2.0 * (c - last))
            if start > starts[n - 1]:
                break
            n -= 1
            start = -np.inf
        columns[n] = c
        starts[n] = start
        n += 1
    return n


@njit(cache=True, nogil=True)
def in_planes(slices, slice_step, row_step):
    """The distance from each voxel to the nearest boundary voxel of its column, over slices and rows.

    Args:
        slices: (D, H, W) slices to the nearest boundary voxel of the same row and column, as `rows_to` gives them.

    Returns:
        (D, H, W) float64, inf where no slice has a boundary voxel in that column.
    """
    depth, height, width = slices.shape
    out = np.empty((depth, height, width))
    squared, rows, starts = np.empty(height), np.empty(height, np.int64), np.empty(height)
    for d in range(depth):
        for c in range(width):
            for r in range(height):
                along = slices[d, r, c] * slice_step
                squared[r] = along * along if slices[d, r, c] < FAR else np.inf
            pieces, piece = envelope(squared, 0, height - 1, row_step * row_step, rows, starts), 0
            for r in range(height):
                while piece + 1 < pieces and starts[piece + 1] < r:
                    piece += 1
                down = (r - rows[piece]) * row_step
                out[d, r, c] = np.sqrt(squared[rows[piece]] + down * down) if pieces > 0 else np.inf
    return out


@njit(cache=True, nogil=True)
def smaller(a, b):
    """min of two numbers that are not nan, in one instruction; min() needs more, because it handles nan."""
    return a if a < b else b
