"""The schedule of a training: order of the images, learning rate by step, early stopping."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from c2seg_bench.seeding import rng
from c2seg_bench.suite import Train

THRESHOLD = 1e-4  # relative: a validation figure counts as better only beyond this, as in PyTorch


def rate_share(recipe: Train, epoch: int, step: int, per_epoch: int, figures: Sequence[float]) -> float:
    """The learning rate of this step divided by `recipe.lr`.

    - cosine: from 1 to min_lr over `period` epochs (default: all), then min_lr.
    - restarts: a cosine that starts again every `period` epochs (default: 10), constant within an epoch.
    - polynomial: (1 - progress) ** `power`, towards min_lr.
    - plateau: times `factor` whenever the validation figure has not risen for more than `plateau` epochs.
    - constant: 1.

    Args:
        recipe: of the stage.
        epoch: from 0.
        step: of the epoch, from 0.
        per_epoch: steps of an epoch.
        figures: of validation after each earlier epoch; higher is better.
    """
    low = min(recipe.min_lr / recipe.lr, 1.0)
    done = epoch * per_epoch + step
    if recipe.schedule == "constant":
        return 1.0
    if recipe.schedule == "plateau":
        return max(low, recipe.factor ** _reductions(figures, recipe.plateau))
    if recipe.schedule == "polynomial":
        return low + (1 - low) * (1 - done / max(recipe.epochs * per_epoch, 1)) ** recipe.power
    if recipe.schedule == "restarts":
        period = recipe.period or 10
        return low + (1 - low) * _cosine(epoch % period / period)
    return low + (1 - low) * _cosine(min(1.0, done / max((recipe.period or recipe.epochs) * per_epoch, 1)))


def _cosine(progress: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * progress))


def _reductions(figures: Sequence[float], patience: int) -> int:
    """How often more than `patience` epochs in a row did not improve the figure."""
    best, bad, reductions = -math.inf, 0, 0
    for figure in figures:
        if not math.isfinite(best) or figure > best + THRESHOLD * abs(best):
            best, bad = figure, 0
        else:
            bad += 1
        if bad > patience:
            reductions, bad = reductions + 1, 0
    return reductions


def epoch_batches(rows: np.ndarray, recipe: Train, *names: object, least: int = 2) -> list[np.ndarray]:
    """The batches of an epoch: one pass over the rows, or `recipe.epoch_steps` steps; the order depends on names.

    `least` is as in `shuffled`.
    """
    batches = shuffled(rows, recipe.batch, *names, least=least)
    if recipe.epoch_steps is None:
        return batches
    passes = 1
    while len(batches) < recipe.epoch_steps:
        batches += shuffled(rows, recipe.batch, *names, passes, least=least)
        passes += 1
    return batches[: recipe.epoch_steps]


def shuffled(rows: np.ndarray, batch: int, *names: object, least: int = 2) -> list[np.ndarray]:
    """One pass over the rows in batches, in an order that depends only on the names. A last batch of fewer than `least`
    images is joined to the one before: batch normalisation needs two values per channel, each process one image."""
    order = rng(*names).permutation(rows)
    parts = [order[i : i + batch] for i in range(0, len(order), batch)]
    if len(parts) > 1 and len(parts[-1]) < least:
        parts[-2:] = [np.concatenate(parts[-2:])]
    return parts


def stops_early(epoch: int, best_epoch: int, patience: int | None) -> bool:
    """Whether training ends before this epoch (from 0): more than `patience` epochs without a better figure."""
    return patience is not None and epoch - best_epoch > patience
