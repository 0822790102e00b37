"""The 8-connected components of a mask, and the pixels of each in every cell of a grid; compiled by numba."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _root(parent, i):  # type: ignore[no-untyped-def]
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True)
def components(mask, row_cell, column_cell, rows, columns):  # type: ignore[no-untyped-def]
    """Pixels of every component in every cell of a grid, (K, rows, columns) int64.

    Two passes with union-find (Rosenfeld and Pfaltz 1966). mask (H, W) uint8; row_cell (H,) and column_cell (W,) are
    the grid row and column of each pixel.
    """
    height, width = mask.shape
    labels = np.zeros((height + 1, width + 2), np.int32)  # a frame of zeros above and at both sides
    parent = np.zeros(height * width // 2 + 2, np.int32)
    last = 0
    for r in range(height):
        for c in range(width):
            if mask[r, c] == 0:
                continue
            best = 0
            for near in (labels[r, c], labels[r, c + 1], labels[r, c + 2], labels[r + 1, c]):
                if near == 0:
                    continue
                near = _root(parent, near)
                if best == 0:
                    best = near
                elif near != best:
                    if near < best:
                        near, best = best, near
                    parent[near] = best
            if best == 0:
                last += 1
                parent[last] = last
                best = last
            labels[r + 1, c + 1] = best
    number = np.zeros(last + 1, np.int32)
    k = 0
    for i in range(1, last + 1):
        if parent[i] == i:
            k += 1
            number[i] = k
    out = np.zeros((k, rows, columns), np.int64)
    for r in range(height):
        for c in range(width):
            label = labels[r + 1, c + 1]
            if label:
                out[number[_root(parent, label)] - 1, row_cell[r], column_cell[c]] += 1
    return out
