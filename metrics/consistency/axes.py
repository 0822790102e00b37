"""The axes of consistency, which are the things that a prompt can state: their columns in tables, and their summary.

All code that reads or writes verdicts takes the axes and their columns from this file, so a new axis is one entry.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from metrics.stats import bootstrap_corrected

if TYPE_CHECKING:
    from metrics.consistency.reader.findings import Findings


@dataclass(frozen=True)
class Axis:
    """One thing that a prompt can state.

    Args:
        name: in tables, and in `Verdict`.
        statement: what a prompt states on the axis; equal values for prompts that state the same.
        ok, score, chance: columns of the strict answer (0 or 1), the graded score in [0, 1], and the mean score of
            the same mask under the prompts of all other images. All three are nan if the prompt states nothing.
        in_tables: whether the axis has rows in tables of results.
    """

    name: str
    statement: Callable[[Findings], Hashable]
    ok: str
    score: str
    chance: str
    in_tables: bool = True

    @property
    def columns(self) -> tuple[str, str, str]:
        """`ok`, `score` and `chance`."""
        return self.ok, self.score, self.chance


def _axis(name: str, statement: Callable[[Findings], Hashable], in_tables: bool = True) -> Axis:
    return Axis(name, statement, f"{name}_ok", f"{name}_score", f"{name}_chance", in_tables)


STATED = (
    _axis("count", lambda findings: findings.count),
    _axis("laterality", lambda findings: findings.laterality),
    _axis("position", lambda findings: findings.regions),
    _axis("size", lambda findings: findings.sizes),
    _axis("absent", lambda findings: findings.absent, in_tables=False),  # shown as accuracy without a target
)
ALL = Axis("all", lambda findings: findings.reading, "consistent", "score", "chance")  # everything that is stated

AXES = {axis.name: axis for axis in (*STATED, ALL)}
TABLE_AXES = tuple(axis for axis in AXES.values() if axis.in_tables)


def summarise_axis(
    axis: Axis,
    verdicts: Mapping[Any, ArrayLike],
    experts: Mapping[Any, ArrayLike] | None = None,
    seed: int = 0,
    draws: int = 2000,
    subjects: ArrayLike | None = None,
) -> dict[str, float]:
    """Means of an axis over the images whose prompt states it.

    Args:
        axis: to summarise.
        verdicts: column -> (N,), or (S, N) for S seeds, with the axis's columns, such as the rows of `Evaluation`.
        experts: column -> (N,) for the experts' masks under the same prompts.
        seed, draws, subjects: of the bootstrap of `corrected`, as in `metrics.stats.bootstrap_corrected`.

    Returns:
        `coverage` (share of images whose prompt states the axis, nan for no images) and `n` (how many these are). If
        `n` is not 0, also the means `strict`, `score` and `chance`. With `experts`, also their mean score `ceiling`,
        their mean chance `experts_chance`, and `corrected` with its 95 % interval `lo`, `hi`: 0 at chance, 1 if the
        masks are as far above chance as the experts' are.
    """
    ok, score, chance = (np.atleast_2d(np.asarray(verdicts[column], float)) for column in axis.columns)
    stated = np.isfinite(score).any(axis=0)
    summary: dict[str, float] = {
        "coverage": mean_of_known(stated),
        "n": int(stated.sum()),
    }
    if not stated.any():
        return summary
    summary |= {"strict": mean_of_known(ok), "score": mean_of_known(score), "chance": mean_of_known(chance)}
    if experts is not None:
        ceiling, experts_chance = (np.asarray(experts[column], float) for column in (axis.score, axis.chance))
        corrected, low, high = bootstrap_corrected(
            score, chance, ceiling, experts_chance, seed, draws, subjects=subjects
        )
        summary |= {"ceiling": mean_of_known(ceiling), "experts_chance": mean_of_known(experts_chance)}
        summary |= {"corrected": corrected, "lo": low, "hi": high}
    return summary


def mean_of_known(values: ArrayLike) -> float:
    """Mean of the values that are not nan, of bools the share that is True; nan if there is none."""
    array = np.asarray(values, float)
    known = array[np.isfinite(array)]
    return float(known.mean()) if known.size else float("nan")
