"""The summaries of a sweep, as functions of the means of a method's arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.results.sweep import Scored, sign
from metrics.catalogue import Metric
from metrics.resample import Statistic
from metrics.robustness import drop, mce, relative_drop, relative_mce, worst_family


@dataclass(frozen=True)
class Entry:
    """The arrays of one method under a sweep, and where they begin among those of all methods."""

    scored: Scored
    start: int

    @property
    def arrays(self) -> list[NDArray[np.float64]]:
        """The clean score, a drop per family, the others."""
        return [self.scored.clean, *self.scored.drops.values(), *self.scored.others.values()]

    @property
    def known(self) -> bool:
        """Whether every array has a value."""
        return all(np.isfinite(array).any() for array in self.arrays)


def summaries_of(families: int, others: list[str], metric: Metric, own: int, unit: int) -> dict[str, Statistic]:
    """Summaries of the means (..., M) of a method whose arrays begin at `own`, the reference's at `unit`."""
    best = sign(metric) * metric.scale * metric.perfect

    def clean(means: NDArray, start: int = own) -> NDArray:
        return means[..., start]

    def noisy(means: NDArray, start: int = own) -> NDArray:
        return means[..., [start]] - means[..., start + 1 : start + 1 + families]

    return {
        "drop": lambda m: drop(clean(m)[..., None], noisy(m)).mean(axis=-1),
        "relative_drop": lambda m: 100 * relative_drop(clean(m)[..., None], noisy(m)).mean(axis=-1),
        "mce": lambda m: mce(noisy(m), noisy(m, unit), best),
        "relative_mce": lambda m: relative_mce(noisy(m), noisy(m, unit), clean(m), clean(m, unit)),
        **{name: _mean(own + 1 + families + i) for i, name in enumerate(others)},
    }


def each(names: Iterable[str]) -> dict[str, Statistic]:
    """Every mean by itself, under the name of its array."""
    return {name: _mean(i) for i, name in enumerate(names)}


def _mean(at: int) -> Statistic:
    return lambda means: means[..., at]


def worst_of(mine: Scored) -> dict[str, Any]:
    """The family with the largest drop; no interval, for it is picked by the images that would give one."""
    drops = {f: float(np.nanmean(d)) if np.isfinite(d).any() else np.nan for f, d in mine.drops.items()}
    name, score = "", np.nan
    if not np.isnan(list(drops.values())).any():
        name, score = worst_family({f: -d for f, d in drops.items()})
    if not any(drops.values()):
        name = ""  # where nothing moved, no family is worse than another
    return {"value": 0.0 - score, "lo": np.nan, "hi": np.nan, "families": name}
