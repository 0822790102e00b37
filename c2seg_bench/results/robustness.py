"""robustness.csv: noisy prompts summed up, per method, kind of noise and metric. Kinds are never mixed.

A mean is over severities, then families (`family`: over the severities of one; `severity_3`: over the families at one).
A draw of the bootstrap takes images and seeds once for all conditions, so that an interval is that of the whole mean,
and that of a ratio is paired.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from c2seg_bench.results.intervals import draw_seed
from c2seg_bench.results.sweep import SEVERITY, Scored, Sweep, scored, sign, sweeps
from c2seg_bench.suite import Suite
from metrics.catalogue import METRICS, Metric
from metrics.robustness import drop, mce, relative_drop, relative_mce, worst_family
from metrics.stats import Statistic, bootstrap_statistics

REFERENCE = "lvit"  # the field's reference, in whose units the cost of noise is given
IN_UNITS = ("mce", "relative_mce")
NOISE_METRICS = (METRICS["dice"], METRICS["consistency"])


def references(suite: Suite, readers: Collection[str]) -> list[str]:
    """Labels of the methods that read text (`readers`: some do only with certain options), LViT's first."""
    return [m.label for m in sorted(suite.methods, key=lambda m: m.name != REFERENCE) if m.label in readers]


def robustness(
    scores: pd.DataFrame,
    references: Sequence[str],
    suite: str,
    draws: int,
    metrics: Sequence[Metric] = NOISE_METRICS,
) -> list[dict[str, Any]]:
    """The rows of robustness.csv; `results.schema` says what they hold.

    Args:
        scores: scores.parquet of a run.
        references: labels of methods; the first that ran every condition is the unit of mce and relative_mce.
        suite: name of the suite, which names the random state.
        draws: of the bootstrap.
        metrics: those that noise is summed up in.

    Returns:
        A row per dataset, kind, metric, method and summary, in the printed unit of the metric; a drop is a cost,
        whichever way the metric is better. nan: the method lacks a condition, or the number is not defined. mce and
        relative_mce have no rows where there is no reference, nor has noise that changes the meaning, where a drop is
        no cost; that has no worst family either.
    """
    rows = []
    for sweep in sweeps(scores):
        tables = dict(iter(scores[scores["dataset"] == sweep.dataset].groupby("method", sort=False)))
        reference = next(
            (m for m in references if m in tables and sweep.conditions <= set(tables[m]["condition"])), None
        )
        for metric in metrics:
            names = (sweep.dataset, sweep.kind, metric.name)
            draw = partial(bootstrap_statistics, seed=draw_seed(suite, *names), n=draws)
            by_method = {str(method): scored(table, sweep, metric) for method, table in tables.items()}
            shared = {"dataset": sweep.dataset, "kind": sweep.kind, "metric": metric.name}
            rows += [{**shared, **row} for row in _rows(by_method, sweep, metric, reference, draw)]
    return rows


def _rows(
    by_method: dict[str, Scored],
    sweep: Sweep,
    metric: Metric,
    reference: str | None,
    draw: partial[dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """The summaries of every method under one sweep and metric."""
    families = list(sweep.families)
    unit = _unit(by_method[reference], draw) if reference else []
    for method, mine in by_method.items():
        own = [mine.clean, *mine.drops.values(), *mine.others.values()]
        groups, at = [own], 0
        if reference not in (None, method):  # against itself the same seeds, so that it is 1 in every draw
            other = by_method[str(reference)]
            groups, at = [own, [other.clean, *other.drops.values()]], len(own)
        for name, interval in draw(groups, _functions(families, list(mine.others), unit, at, metric)).items():
            if name in IN_UNITS and (reference is None or sweep.kind == "changed"):
                continue  # following an edit is no cost
            value = dict(zip(("value", "lo", "hi"), interval, strict=True))
            named = reference if name in IN_UNITS else ""
            over = " ".join(_over(name, sweep, unit))
            yield {"method": method, "summary": name, **value, "families": over, "reference": named}
        for family, interval in draw([list(mine.drops.values())], _each(families)).items():
            value = dict(zip(("value", "lo", "hi"), interval, strict=True))
            yield {"method": method, "summary": "family", **value, "families": family, "reference": ""}
        if sweep.kind != "changed":
            yield {"method": method, "summary": "worst", **_worst(mine), "reference": ""}


def _unit(reference: Scored, draw: partial[dict[str, Any]]) -> list[str]:
    """The families that cost the reference something beyond doubt: a drop that may be 0 is no unit to divide by."""
    intervals = draw([list(reference.drops.values())], _each(reference.drops))
    return [f for f, interval in intervals.items() if interval.lo > 0]


def _over(summary: str, sweep: Sweep, unit: list[str]) -> list[str]:
    """The families that a summary is a mean over."""
    if summary == "area" or summary.startswith(SEVERITY):
        return sweep.graded
    return unit if summary == "relative_mce" else list(sweep.families)


def _functions(
    families: list[str], others: list[str], unit: list[str], at: int, metric: Metric
) -> dict[str, Statistic]:
    """Summaries of the means (..., M): the clean score, a drop per family, the others; from `at` on the reference's."""
    count = len(families)
    units = [families.index(f) for f in unit]
    best = sign(metric) * metric.scale * metric.perfect

    def clean(means: NDArray, start: int = 0) -> NDArray:
        return means[..., start]

    def noisy(means: NDArray, start: int = 0) -> NDArray:
        return means[..., [start]] - means[..., start + 1 : start + 1 + count]

    return {
        "drop": lambda m: drop(clean(m)[..., None], noisy(m)).mean(axis=-1),
        "relative_drop": lambda m: 100 * relative_drop(clean(m)[..., None], noisy(m)).mean(axis=-1),
        "mce": lambda m: mce(noisy(m), noisy(m, at), best),
        "relative_mce": lambda m: relative_mce(noisy(m)[..., units], noisy(m, at)[..., units], clean(m), clean(m, at)),
        **{name: _mean(1 + count + i) for i, name in enumerate(others)},
    }


def _each(names: Iterable[str]) -> dict[str, Statistic]:
    """Every mean by itself."""
    return {name: _mean(i) for i, name in enumerate(names)}


def _mean(at: int) -> Statistic:
    return lambda means: means[..., at]


def _worst(mine: Scored) -> dict[str, Any]:
    """The family with the largest drop; no interval, for it is picked by the images that would give one."""
    drops = {f: float(np.nanmean(d)) if np.isfinite(d).any() else np.nan for f, d in mine.drops.items()}
    name, score = "", np.nan
    if not np.isnan(list(drops.values())).any():
        name, score = worst_family({f: -d for f, d in drops.items()})
    if not any(drops.values()):
        name = ""  # where nothing moved, no family is worse than another
    return {"value": 0.0 - score, "lo": np.nan, "hi": np.nan, "families": name}
