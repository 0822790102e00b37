"""The schedule of a training: order of the pictures, learning rate by step, early stopping."""

from __future__ import annotations

import math

import numpy as np

from c2seg_bench.seeding import rng


def cosine(step: int, steps: int, lr: float, min_lr: float) -> float:
    """The learning rate at this step as a share of the first; it falls to `min_lr` along half a cosine."""
    low = min(min_lr / lr, 1.0)
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * step / max(steps, 1)))


def shuffled(rows: np.ndarray, batch: int, *names: object, least: int = 2) -> list[np.ndarray]:
    """One epoch's batches, in an order that the names alone decide. A last batch of fewer than `least` pictures is
    joined to the batch before it: batch normalisation needs two values per channel, and each process one picture."""
    order = rng(*names).permutation(rows)
    parts = [order[i : i + batch] for i in range(0, len(order), batch)]
    if len(parts) > 1 and len(parts[-1]) < least:
        parts[-2:] = [np.concatenate(parts[-2:])]
    return parts


def stops_early(epoch: int, best_epoch: int, patience: int | None) -> bool:
    """Whether training ends before this epoch (from 0): more than `patience` epochs without a better figure."""
    return patience is not None and epoch - best_epoch > patience
