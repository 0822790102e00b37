"""Trainings that collapsed: nearly every mask is empty, or nearly every mask is the same.

Such a method can have the best mean where many of the experts' masks are empty, and loses nothing under noise. It stays
in the tables, marked, and is not ranked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.results.grid import Grid
from c2seg_bench.rundir import CLEAN

EMPTY_SHARE = 0.9  # of the images with a target, that get an empty mask
STEADY_AREA = 0.1  # standard deviation of the masks' areas over their mean: below it the masks are compared
SAME = 0.95  # mean Dice of the masks with their own majority mask
Masks = NDArray[np.bool_]


@dataclass
class Collapse:
    """What became of a method's trainings on one dataset: seeds whose masks are nearly all `empty` or the same."""

    seeds: int
    empty: list[int] = field(default_factory=list)
    constant: list[int] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.empty or self.constant)

    @property
    def unranked(self) -> bool:
        """Whether more than half of the trainings collapsed, so that the mean over seeds is mostly theirs."""
        return 2 * (len(self.empty) + len(self.constant)) > self.seeds

    def to_json(self) -> dict[str, object]:
        return {"empty": self.empty, "constant": self.constant, "seeds": self.seeds, "unranked": self.unranked}


def collapses(grid: Grid, targets: Masks, load: Callable[[str, int], Masks]) -> dict[str, Collapse]:
    """method -> its collapsed trainings under clean prompts; methods without one are left out.

    Args:
        grid: of one dataset.
        targets: (N, H, W) the experts' masks. Where these are nearly the same themselves, no mask is called constant.
        load: method, seed -> its masks (N, H, W); called only where the areas hardly differ.
    """
    collapsed = {}
    vary = likeness(targets) < SAME
    for method in grid.methods:
        images = grid.images(method, str(CLEAN))
        if not images:
            continue
        pred_empty, target_empty, area = (
            grid.values(column, method, str(CLEAN), images) for column in ("pred_empty", "target_empty", "pred_area")
        )
        collapse = Collapse(len(area))
        seeds = grid.seeds_under(method, str(CLEAN))
        for seed, empty, without_target, areas in zip(seeds, pred_empty, target_empty, area, strict=True):
            lesion = without_target == 0
            if lesion.any() and empty[lesion].mean() >= EMPTY_SHARE:
                collapse.empty.append(seed)
            elif vary and np.std(areas) < STEADY_AREA * np.mean(areas) and likeness(load(method, seed)) >= SAME:
                collapse.constant.append(seed)
        if collapse.any:
            collapsed[method] = collapse
    return collapsed


def likeness(masks: Masks) -> float:
    """Mean Dice of masks (N, H, W) with the mask of the pixels that most of them have; 1 where all are empty."""
    flat = masks.reshape(len(masks), -1)
    majority = flat.mean(axis=0) > 0.5
    totals = flat.sum(axis=1) + majority.sum()
    shared = 2 * (flat & majority).sum(axis=1)
    return float(np.divide(shared, totals, out=np.ones(len(flat)), where=totals > 0).mean())
