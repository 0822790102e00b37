"""Noisy prompts summed up: per method, kind of noise and metric a few numbers with intervals. Kinds are never mixed.

A mean is over severities, then families (`family`: over the severities of one; `severity_3`: over the families at one).
A draw of the bootstrap takes images and seeds once for all conditions, so that an interval is that of the whole mean,
and that of a ratio is paired.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.seeding import seed
from c2seg_bench.stress.family import FAMILIES, KINDS
from c2seg_bench.suite import Suite
from metrics.robustness import area_under_severity, drop, mce, relative_drop, relative_mce, worst_family
from metrics.stats import Statistic, bootstrap_statistics

METRICS = {"dice": "dice", "consistency": "score"}  # metric -> column of the scores
BEST = 100.0  # percent throughout
REFERENCE = "lvit"  # the field's reference, in whose units the cost of noise is given
IN_UNITS = ("mce", "relative_mce")
SEVERITY = "severity_"


@dataclass(frozen=True)
class Sweep:
    """One kind of noise on one dataset: family -> severities, rising, and the images it was run on."""

    dataset: str
    kind: str
    families: dict[str, list[int]]
    images: list[str]

    @property
    def conditions(self) -> set[str]:
        return {
            str(Condition(family, severity)) for family, severities in self.families.items() for severity in severities
        }


@dataclass(frozen=True)
class Scored:
    """A method's scores in percent, arrays (seeds, images); nan where any condition of the sweep has no score.

    `drops`: family -> drop, mean over severities; `others`: summary -> what it is the mean of.
    """

    clean: NDArray[np.float64]
    drops: dict[str, NDArray[np.float64]]
    others: dict[str, NDArray[np.float64]]


def references(suite: Suite, readers: Collection[str]) -> list[str]:
    """Labels of the methods that read text (`readers`: some do only with certain options), LViT's first."""
    return [m.label for m in sorted(suite.methods, key=lambda m: m.name != REFERENCE) if m.label in readers]


def robustness(scores: pd.DataFrame, references: Sequence[str], suite: str, draws: int) -> list[dict[str, Any]]:
    """The rows of robustness.csv (columns: docs/architecture.md).

    Args:
        scores: scores.parquet of a run.
        references: labels of methods; the first that ran every condition is the unit of mce and relative_mce.
        suite: name of the suite, which names the random state.
        draws: of the bootstrap.

    Returns:
        A row per dataset, kind, metric, method and summary; drops, area and stability in points of 100. nan: the method
        lacks a condition, or the number is not defined. mce and relative_mce have no rows where there is no
        reference, nor has noise that changes the meaning, where a drop is no cost; that has no worst family either.
    """
    rows = []
    for sweep in sweeps(scores):
        tables = dict(iter(scores[scores["dataset"] == sweep.dataset].groupby("method", sort=False)))
        reference = next(
            (m for m in references if m in tables and sweep.conditions <= set(tables[m]["condition"])), None
        )
        for metric in METRICS:
            draw = partial(
                bootstrap_statistics, seed=seed(suite, "bootstrap", sweep.dataset, sweep.kind, metric) % 2**32, n=draws
            )
            found = {str(method): scored(table, sweep, metric) for method, table in tables.items()}
            about = {"dataset": sweep.dataset, "kind": sweep.kind, "metric": metric}
            rows += [{**about, **row} for row in _rows(found, sweep, reference, draw)]
    return rows


def sweeps(scores: pd.DataFrame) -> Iterator[Sweep]:
    """Each dataset's noise by kind, families in the order of the scores."""
    for dataset, noisy in scores[scores["condition"] != str(CLEAN)].groupby("dataset", sort=False):
        known = [Condition.parse(text) for text in noisy["condition"].unique()]
        for kind in KINDS:
            families: dict[str, list[int]] = {}
            for condition in sorted(known, key=lambda c: c.severity):
                if FAMILIES[condition.family].kind == kind:
                    families.setdefault(condition.family, []).append(condition.severity)
            if families:
                ordered = {c.family: families[c.family] for c in known if c.family in families}
                yield Sweep(str(dataset), kind, ordered, list(noisy["image"].unique()))


def scored(table: pd.DataFrame, sweep: Sweep, metric: str) -> Scored:
    """What a sweep did to the method whose rows of scores.parquet these are."""
    curves = {f: BEST * c for f, c in _curves(table, sweep, METRICS[metric]).items()}
    # an image counts everywhere or nowhere, else the families would be means over different images
    lacking = np.logical_or.reduce([np.isnan(c).any(axis=0) for c in curves.values()])
    for curve in curves.values():
        curve[:, lacking] = np.nan
    drops = {f: drop(c[0], c[1:]).mean(axis=0) for f, c in curves.items()}
    others = {}
    if graded := _graded(sweep):
        # families left over from an earlier sweep may have been run at others: a mean over other families would jump
        for severity in sorted(set.intersection(*(set(sweep.families[f]) for f in graded))):
            at = [drop(c[0], c[1 + sweep.families[f].index(severity)]) for f, c in curves.items() if f in graded]
            others[f"{SEVERITY}{severity}"] = np.stack(at).mean(axis=0)
        areas = [area_under_severity(np.moveaxis(curves[f], 0, -1), [0, *sweep.families[f]]) for f in graded]
        others["area"] = np.stack([np.asarray(a) for a in areas]).mean(axis=0)
    if metric == "dice":
        stay = [c[1:].mean(axis=0) for c in _curves(table, sweep, "stability").values()]
        others["stability"] = BEST * np.stack(stay).mean(axis=0)
    return Scored(next(iter(curves.values()))[0], drops, others)


def _graded(sweep: Sweep) -> list[str]:
    """The families with degrees that keep the meaning: only these have a curve over severity."""
    return [f for f in sweep.families if sweep.kind == "kept" and FAMILIES[f].graded]


def _curves(table: pd.DataFrame, sweep: Sweep, column: str) -> dict[str, NDArray[np.float64]]:
    """family -> (1 + severities, seeds, images), the clean prompt's first; nan where there is no score."""
    wide = table.pivot(index=["condition", "seed"], columns="image", values=column).reindex(columns=sweep.images)
    seeds = sorted(table["seed"].unique())

    def under(condition: Condition) -> NDArray[np.float64]:
        return wide.reindex(pd.MultiIndex.from_product([[str(condition)], seeds])).to_numpy(float)

    return {
        family: np.stack([under(CLEAN), *(under(Condition(family, s)) for s in severities)])
        for family, severities in sweep.families.items()
    }


def _rows(
    found: dict[str, Scored], sweep: Sweep, reference: str | None, draw: partial[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The summaries of every method under one sweep and metric."""
    families = list(sweep.families)
    unit = _unit(found[reference], draw) if reference else []
    for method, mine in found.items():
        own = [mine.clean, *mine.drops.values(), *mine.others.values()]
        groups, at = [own], 0
        if reference not in (None, method):  # against itself the same seeds, so that it is 1 in every draw
            other = found[str(reference)]
            groups, at = [own, [other.clean, *other.drops.values()]], len(own)
        for name, interval in draw(groups, _functions(families, list(mine.others), unit, at)).items():
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
    found = draw([list(reference.drops.values())], _each(reference.drops))
    return [f for f, interval in found.items() if interval.lo > 0]


def _over(summary: str, sweep: Sweep, unit: list[str]) -> list[str]:
    """The families that a summary is a mean over."""
    if summary == "area" or summary.startswith(SEVERITY):
        return _graded(sweep)
    return unit if summary == "relative_mce" else list(sweep.families)


def _functions(families: list[str], others: list[str], unit: list[str], at: int) -> dict[str, Statistic]:
    """Summaries of the means (..., M): the clean score, a drop per family, the others; from `at` on the reference's."""
    count = len(families)
    units = [families.index(f) for f in unit]

    def clean(means: NDArray, start: int = 0) -> NDArray:
        return means[..., start]

    def noisy(means: NDArray, start: int = 0) -> NDArray:
        return means[..., [start]] - means[..., start + 1 : start + 1 + count]

    return {
        "drop": lambda m: drop(clean(m)[..., None], noisy(m)).mean(axis=-1),
        "relative_drop": lambda m: 100 * relative_drop(clean(m)[..., None], noisy(m)).mean(axis=-1),
        "mce": lambda m: mce(noisy(m), noisy(m, at), BEST),
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
