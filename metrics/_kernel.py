"""Compiled loops behind boundary.py and table.py; they release Python's lock, so threads share the work.

For each column the distance up or down to the nearest boundary pixel of the other mask is known after one pass
down and one up. A boundary pixel then looks at its own column, the next ones to the left and right, and so on, and
stops as soon as the step to the side alone is longer than the best distance found: exact, and on masks that nearly
agree only a few columns are read. Where many are, the rest of the row takes the lower envelope of its columns'
parabolas instead, which is the second half of an exact distance transform.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FAR = 1 << 29  # rows to a boundary pixel in a column that has none
BUDGET = 4  # columns read per column of a row before its envelope is taken


@njit(cache=True, nogil=True)
def counts(pred, target, columns):
    """(inter, pred_area, target_area, first row, last row) of the union; `columns` gets 1 where it has a pixel."""
    height, width = pred.shape
    inter, pred_area, target_area = 0, 0, 0
    top, bottom = height, -1
    for r in range(height):
        both, first, second = 0, 0, 0
        for c in range(width):
            a, b = pred[r, c], target[r, c]
            both += a & b
            first += a
            second += b
        if first + second > 0:
            top = min(top, r)
            bottom = r
            inter += both
            pred_area += first
            target_area += second
            for c in range(width):
                columns[c] |= pred[r, c] | target[r, c]
    return inter, pred_area, target_area, top, bottom


@njit(cache=True, nogil=True)
def crop(mask, top, bottom, left, right):
    """The box (ends included) with a frame of zeros around it."""
    height, width = bottom - top + 1, right - left + 1
    padded = np.zeros((height + 2, width + 2), np.uint8)
    # unsigned, because numba checks whether a signed index is negative, and then copies byte by byte
    down, along = np.uint64(top), np.uint64(left)
    for r in range(np.uint64(height)):
        for c in range(np.uint64(width)):
            padded[r + 1, c + 1] = mask[r + down, c + along]
    return padded


@njit(cache=True, nogil=True)
def boundary(padded):
    """Foreground with a background 4-neighbour, without the frame of zeros: beyond the image is background."""
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    edge = np.empty((height, width), np.uint8)
    for r in range(height):
        for c in range(width):
            inside = padded[r, c + 1] & padded[r + 2, c + 1] & padded[r + 1, c] & padded[r + 1, c + 2]
            edge[r, c] = padded[r + 1, c + 1] & (inside ^ 1)
    return edge


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
def envelope(rows, row_step, column_step, columns, starts):
    """Which column is nearest from each column of one row (Felzenszwalb and Huttenlocher 2012, section 2.1).

    `rows` (W,) are the rows from each column's pixel to its nearest edge pixel. The squared distance from column x by
    way of column c is a parabola in x; the lower envelope of all has n pieces, piece k being of `columns[k]` and
    beginning at `starts[k]`, in columns. Returns n; 0 where no column has an edge pixel.
    """
    n = 0
    square = column_step * column_step
    for c in range(rows.size):
        if rows[c] >= FAR:
            continue
        height = (rows[c] * row_step) ** 2 / square
        start = -np.inf
        while n > 0:
            last = columns[n - 1]
            below = (rows[last] * row_step) ** 2 / square
            start = ((height + c * c) - (below + last * last)) / (2.0 * (c - last))
            if start > starts[n - 1]:
                break
            n -= 1
            start = -np.inf
        columns[n] = c
        starts[n] = start
        n += 1
    return n


@njit(cache=True, nogil=True)
def nearest(edge, rows, row_step, column_step, out):
    """Distances from each edge pixel to the other mask's edge, row by row into `out`; returns how many.

    A row whose columns are read more than BUDGET times over is finished by its lower envelope, and the next one begins
    by it, so that a row never costs more than a few times its width.
    """
    height, width = edge.shape
    columns, starts = np.empty(width, np.int64), np.empty(width)
    n, long = 0, False
    for r in range(height):
        left = 0 if long else BUDGET * width
        pieces, piece = 0, 0
        for c in range(width):
            if not edge[r, c]:
                continue
            down = rows[r, c] * row_step
            best = down * down
            if left <= 0:
                if pieces == 0:
                    pieces = envelope(rows[r], row_step, column_step, columns, starts)
                while piece + 1 < pieces and starts[piece + 1] < c:
                    piece += 1
                other = columns[piece]
                down = rows[r, other] * row_step
                side = (c - other) * column_step
                best = min(best, down * down + side * side)
            step = 1
            while left > 0 and step < width:
                side = step * column_step
                side *= side
                if side >= best:
                    break
                if c >= step:
                    down = rows[r, c - step] * row_step
                    best = min(best, down * down + side)
                if c + step < width:
                    down = rows[r, c + step] * row_step
                    best = min(best, down * down + side)
                step += 1
            left -= step
            out[n] = np.sqrt(best)
            n += 1
        long = pieces > 0 and not long
    return n


@njit(cache=True, nogil=True)
def distances(pred, target, top, bottom, left, right, row_step, column_step):
    """Distances from pred's edge to target's, then back, in one array; and how many are of the first kind."""
    first = boundary(crop(pred, top, bottom, left, right))
    second = boundary(crop(target, top, bottom, left, right))
    out = np.empty(np.count_nonzero(first) + np.count_nonzero(second))
    n = nearest(first, rows_to(second), row_step, column_step, out)
    nearest(second, rows_to(first), row_step, column_step, out[n:])
    return out, n


@njit(cache=True, nogil=True)
def percentile(values, share):
    """Percentile of a non-empty array by linear interpolation, to the last digit numpy's; reorders `values`."""
    at = (values.size - 1) * share
    low = int(np.floor(at))
    high = min(low + 1, values.size - 1)
    part = at - low
    ordered = np.partition(values, low)
    below, above = ordered[low], ordered[low]
    if high > low:
        above = ordered[low + 1 :].min()
    gap = above - below
    return above - gap * (1 - part) if part >= 0.5 else below + gap * part


@njit(cache=True, nogil=True)
def box(pred, target):
    """((inter, pred_area, target_area), (top, bottom, left, right)) of two 0/1 uint8 masks of one shape."""
    columns = np.zeros(pred.shape[1], np.uint8)
    inter, pred_area, target_area, top, bottom = counts(pred, target, columns)
    left, right = 0, pred.shape[1] - 1
    while left < right and not columns[left]:
        left += 1
    while right > left and not columns[right]:
        right -= 1
    return (inter, pred_area, target_area), (top, bottom, left, right)
