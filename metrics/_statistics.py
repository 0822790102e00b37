"""Compiled statistics of distances. They keep Python's lock: they take less time than another thread to wake up."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def mean(values):
    """Mean of (n,) float64, n at least 1: eight running sums, added up in the same order on every machine."""
    sums, whole = np.zeros(8), values.size // 8 * 8
    for i in range(0, whole, 8):
        for k in range(8):
            sums[k] += values[i + k]
    total = sums.sum()
    for i in range(whole, values.size):
        total += values[i]
    return total / values.size


@njit(cache=True)
def percentile(values, share):
    """Percentile of numbers of 0 or more by linear interpolation, to the last digit numpy's.

    Numbers of 0 or more have the order of their bits read as integers. The interval in which the value of the wanted
    rank lies is halved until one value is left; each step is one pass that the processor takes eight values at a time.

    Args:
        values: (n,) float64, n at least 1.
        share: 0 to 1.
    """
    bits = values.view(np.int64)
    at = (bits.size - 1) * share
    rank = int(np.floor(at))
    low, high = bits[0], bits[0]
    for i in range(bits.size):
        low = bits[i] if bits[i] < low else low
        high = bits[i] if bits[i] > high else high
    top = high
    while low < high:
        n, below, above = split(bits, low + ((high - low) >> 1), low, high)
        low, high = (low, below) if n > rank else (above, high)
    n, _, above = split(bits, low, low, top)
    neighbours = np.array([low, low if n > rank + 1 else above]).view(np.float64)
    part, gap = at - rank, neighbours[1] - neighbours[0]
    return neighbours[1] - gap * (1 - part) if part >= 0.5 else neighbours[0] + gap * part


@njit(cache=True)
def split(values, middle, low, high):
    """How many values are at most `middle`, the largest of them, and the smallest of the others.

    `low` and `high` stand for either where there is none between them.
    """
    n, below, above = np.int64(0), low, high
    for i in range(values.size):  # without branches, and without min() and max(), which numba does not vectorise
        small = values[i] <= middle
        n += np.int64(small)
        left, right = values[i] if small else low, high if small else values[i]
        below = left if left > below else below
        above = right if right < above else above
    return n, below, above
