"""A compiled loop that counts the pixels of many pairs of masks; it keeps the GIL, as a pair takes microseconds."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def count(masks, sizes):
    """Pixel counts and bounding boxes of N pairs.

    Args:
        masks: uint8 of 0 and 1: prediction, target, prediction, target, ..., each row by row.
        sizes: (N, 2) int64, height and width of the masks.

    Returns:
        Counts (N, 3), in the order of `PixelCounts`; boxes (N, 4) of the foreground of both masks: top, bottom, left,
        right, ends included. The box of two empty masks means nothing.
    """
    counts, boxes = np.zeros((len(sizes), 3), np.int64), np.zeros((len(sizes), 4), np.int64)
    start = 0
    for i in range(len(sizes)):
        height, width = sizes[i]
        middle, end = start + height * width, start + 2 * height * width
        pred, target = masks[start:middle].reshape(height, width), masks[middle:end].reshape(height, width)
        count_pair(pred, target, counts[i], boxes[i])
        start = end
    return counts, boxes


@njit(cache=True)
def count_pair(pred, target, counts, box):
    """Fill in the counts (3,) and the box (4,) of one pair."""
    height, width = pred.shape
    columns = np.zeros(width, np.uint8)
    box[0], box[3] = height, width - 1
    for r in range(height):
        inter, pred_area, target_area = 0, 0, 0
        for c in range(width):
            a, b = pred[r, c], target[r, c]
            inter += a & b
            pred_area += a
            target_area += b
        if pred_area + target_area > 0:
            box[0] = min(box[0], r)
            box[1] = r
            counts[0] += inter
            counts[1] += pred_area
            counts[2] += target_area
            for c in range(width):
                columns[c] |= pred[r, c] | target[r, c]
    while box[2] < box[3] and not columns[box[2]]:
        box[2] += 1
    while box[3] > box[2] and not columns[box[3]]:
        box[3] -= 1
