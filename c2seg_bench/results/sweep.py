"""One kind of noise on one dataset, and what it did to each image of a method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.results.grid import Grid
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.stress.family import FAMILIES, KINDS
from metrics.catalogue import Metric
from metrics.robustness import area_under_severity, drop

SEVERITY = "severity_"


@dataclass(frozen=True)
class Sweep:
    """family -> severities, rising, and the images that the noise was run on."""

    dataset: str
    kind: str
    families: dict[str, list[int]]
    images: list[str]

    @property
    def conditions(self) -> set[str]:
        return {str(Condition(family, s)) for family, severities in self.families.items() for s in severities}

    @property
    def graded(self) -> list[str]:
        """The families with degrees that keep the meaning: only these have a curve over severity."""
        return [f for f in self.families if self.kind == "kept" and FAMILIES[f].graded]


@dataclass(frozen=True)
class Scored:
    """A method's printed scores, higher being better, in arrays (seeds, images); nan where a condition has no score.

    `drops`: family -> drop, mean over severities; `others`: summary -> what it is the mean of.
    """

    clean: NDArray[np.float64]
    drops: dict[str, NDArray[np.float64]]
    others: dict[str, NDArray[np.float64]]


def sweeps(dataset: str, grid: Grid) -> Iterator[Sweep]:
    """A dataset's noise by kind, families in the order of the scores."""
    noisy = [name for name in grid.conditions if name != str(CLEAN)]
    images = grid.noisy_images(noisy)
    conditions = [Condition.parse(name) for name in noisy]
    for kind in KINDS:
        families: dict[str, list[int]] = {}
        for condition in sorted(conditions, key=lambda c: c.severity):
            if FAMILIES[condition.family].kind == kind:
                families.setdefault(condition.family, []).append(condition.severity)
        if families:
            ordered = {c.family: families[c.family] for c in conditions if c.family in families}
            yield Sweep(dataset, kind, ordered, images)


def sign(metric: Metric) -> float:
    """Distances are counted negative, so that higher is better throughout."""
    return 1.0 if metric.higher_is_better else -1.0


def scored(grid: Grid, method: str, sweep: Sweep, metric: Metric) -> Scored:
    """What a sweep did to a method."""
    scale = sign(metric) * metric.scale
    curves = {f: scale * c for f, c in _curves(grid, method, sweep, metric.column).items()}
    # an image counts everywhere or nowhere, else the families would be means over different images
    lacking = np.logical_or.reduce([np.isnan(c).any(axis=0) for c in curves.values()])
    for curve in curves.values():
        curve[:, lacking] = np.nan
    drops = {f: drop(c[0], c[1:]).mean(axis=0) for f, c in curves.items()}
    others = _by_severity(curves, sweep, sign(metric)) if sweep.graded else {}
    if metric.name == "dice":
        stay = [c[1:].mean(axis=0) for c in _curves(grid, method, sweep, "stability").values()]
        others["stability"] = metric.scale * np.stack(stay).mean(axis=0)
    return Scored(next(iter(curves.values()))[0], drops, others)


def _by_severity(curves: dict[str, NDArray], sweep: Sweep, direction: float) -> dict[str, NDArray[np.float64]]:
    """The drop at each severity and the area under the curve, means over the families with degrees."""
    others = {}
    # families left over from an earlier sweep may have been run at others: a mean over other families would jump
    for severity in sorted(set.intersection(*(set(sweep.families[f]) for f in sweep.graded))):
        at = [drop(curves[f][0], curves[f][1 + sweep.families[f].index(severity)]) for f in sweep.graded]
        others[f"{SEVERITY}{severity}"] = np.stack(at).mean(axis=0)
    areas = [area_under_severity(np.moveaxis(curves[f], 0, -1), [0, *sweep.families[f]]) for f in sweep.graded]
    others["area"] = direction * np.stack([np.asarray(a) for a in areas]).mean(axis=0)
    return others


def _curves(grid: Grid, method: str, sweep: Sweep, column: str) -> dict[str, NDArray[np.float64]]:
    """family -> (1 + severities, seeds, images), the clean prompt's first; nan where there is no score."""
    conditions = {
        family: [str(CLEAN), *(str(Condition(family, severity)) for severity in severities)]
        for family, severities in sweep.families.items()
    }
    return {family: grid.curves(column, method, names, sweep.images) for family, names in conditions.items()}
