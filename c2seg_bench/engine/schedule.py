"""The course of the learning rate, as a share of the first one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from c2seg_bench.suite import Train

THRESHOLD = 1e-4  # relative: a validation figure counts as better only beyond this, as in PyTorch


def rate_share(recipe: Train, epoch: int, step: int, per_epoch: int, figures: Sequence[float]) -> float:
    """The learning rate of this step divided by `recipe.lr`.

    - cosine: from 1 to min_lr over `period` epochs (all of them where it is not given), and min_lr from then on.
    - restarts: the same again every `period` epochs (10), constant within an epoch.
    - polynomial: (1 - progress) ** `power`, towards min_lr.
    - plateau: times `factor` whenever the validation figure has not risen for more than `plateau` epochs.
    - constant: 1.

    Args:
        recipe: of the stage.
        epoch: from 0.
        step: of the epoch, from 0.
        per_epoch: steps of an epoch.
        figures: what validation gave after each earlier epoch, higher being better.
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
    """How often more than `patience` epochs in a row brought no better figure."""
    best, bad, reductions = -math.inf, 0, 0
    for figure in figures:
        if not math.isfinite(best) or figure > best + THRESHOLD * abs(best):
            best, bad = figure, 0
        else:
            bad += 1
        if bad > patience:
            reductions, bad = reductions + 1, 0
    return reductions
