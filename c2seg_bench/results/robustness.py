"""robustness.csv: noisy prompts summed up, per method, kind of noise and metric. Kinds are never mixed.

A mean is over severities, then families (`family`: over the severities of one; `severity_3`: over the families at one).
A draw of the bootstrap takes subjects and trainings once for all conditions, so that an interval is that of the whole
mean, and that of a ratio is paired.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from c2seg_bench.results.grid import Grid
from c2seg_bench.results.intervals import draw_seed
from c2seg_bench.results.summaries import Entry, each, summaries_of, worst_of
from c2seg_bench.results.sweep import SEVERITY, Scored, Sweep, scored, sweeps
from c2seg_bench.suite import Suite
from metrics.catalogue import METRICS, Metric
from metrics.ranking import Place, places_of
from metrics.sample import Sample
from metrics.stats import Interval, Request, bootstrap_each

REFERENCE = "lvit"  # the field's reference, in whose units the cost of noise is given
IN_UNITS = ("mce", "relative_mce")
NOISE_METRICS = (METRICS["dice"], METRICS["consistency"])


def references(suite: Suite, readers: Collection[str]) -> list[str]:
    """Labels of the methods that read text (`readers`: some do only with certain options), LViT's first."""
    return [m.label for m in sorted(suite.methods, key=lambda m: m.name != REFERENCE) if m.label in readers]


@dataclass(frozen=True)
class Drawing:
    """How the bootstrap draws: its seed and number of draws, and the subject of each image of the sweep."""

    seed: int
    n: int
    subjects: NDArray | None

    def each(self, requests: Sequence[Request]) -> list[dict[str, Interval]]:
        """The intervals of each request, all from the same draws."""
        return bootstrap_each(requests, self.seed, self.n, subjects=self.subjects)


def robustness(
    grids: Mapping[str, Grid],
    references: Sequence[str],
    suite: str,
    draws: int,
    metrics: Sequence[Metric] = NOISE_METRICS,
    unranked: Mapping[str, Collection[str]] | None = None,
) -> list[dict[str, Any]]:
    """The rows of robustness.csv; `results.schema` says what they hold.

    Args:
        grids: dataset -> its scores.
        references: labels of methods; the first that ran every condition is the unit of mce and relative_mce.
        suite: name of the suite, which names the random state.
        draws: of the bootstrap.
        metrics: those that noise is summed up in.
        unranked: dataset -> methods that have no letters and are no reference, because they collapsed.

    Returns:
        A row per dataset, kind, metric, method and summary, in the printed unit of the metric; a drop is a cost,
        whichever way the metric is better. nan: the method lacks a condition, or the number is not defined. mce and
        relative_mce have no rows where there is no reference, nor has noise that changes the meaning, where a drop is
        no cost; that has no worst family either.
    """
    rows = []
    for dataset, grid in grids.items():
        without = (unranked or {}).get(dataset, ())
        for sweep in sweeps(dataset, grid):
            subjects = grid.subjects(sweep.images)
            ran = {m for m in grid.methods if sweep.conditions <= set(grid.conditions_of(m))}
            reference = next((m for m in references if m in ran and m not in without), None)
            for metric in metrics:
                drawing = Drawing(draw_seed(suite, sweep.dataset, sweep.kind, metric.name), draws, subjects)
                by_method = {method: scored(grid, method, sweep, metric) for method in grid.methods}
                shared = {"dataset": sweep.dataset, "kind": sweep.kind, "metric": metric.name}
                rows += [{**shared, **row} for row in _rows(by_method, sweep, metric, reference, drawing, without)]
    return rows


def _rows(
    by_method: dict[str, Scored],
    sweep: Sweep,
    metric: Metric,
    reference: str | None,
    drawing: Drawing,
    unranked: Collection[str],
) -> Iterator[dict[str, Any]]:
    """The summaries of every method under one sweep and metric."""
    families = list(sweep.families)
    ranked = {method: mine for method, mine in by_method.items() if method not in unranked}
    places = _places(ranked, sweep, metric, reference, drawing) if sweep.kind != "changed" else {}
    of_means = drawing.each([_request(by_method, method, reference, families, metric) for method in by_method])
    of_families = drawing.each([([list(m.drops.values())], each(families)) for m in by_method.values()])
    for (method, mine), summaries, by_family in zip(by_method.items(), of_means, of_families, strict=True):
        for name, interval in summaries.items():
            if name in IN_UNITS and (reference is None or sweep.kind == "changed"):
                continue  # following an edit is no cost
            over = sweep.graded if name == "area" or name.startswith(SEVERITY) else families
            named = reference if name in IN_UNITS else ""
            place = places.get(name, {}).get(method)
            yield {**_row(method, name, interval, over, named), "group": place.letters if place else ""}
        for family, interval in by_family.items():
            yield _row(method, "family", interval, [family], "")
        if sweep.kind != "changed":
            yield {"method": method, "summary": "worst", **worst_of(mine), "reference": ""}


def _request(
    by_method: dict[str, Scored], method: str, reference: str | None, families: list[str], metric: Metric
) -> Request:
    """The arrays of a method and of the reference, and the functions of their means."""
    own = Entry(by_method[method], 0).arrays
    groups, at = [own], 0
    if reference not in (None, method):  # against itself the same seeds, so that it is 1 in every draw
        other = by_method[str(reference)]
        groups, at = [own, [other.clean, *other.drops.values()]], len(own)
    return groups, summaries_of(len(families), list(by_method[method].others), metric, 0, at)


def _row(method: str, summary: str, interval: Interval, families: Sequence[str], reference: str | None) -> dict:
    return {
        "method": method,
        "summary": summary,
        **dict(zip(("value", "lo", "hi"), interval, strict=True)),
        "undefined": interval.undefined,
        "families": " ".join(families),
        "reference": reference or "",
    }


def _places(
    by_method: dict[str, Scored], sweep: Sweep, metric: Metric, reference: str | None, drawing: Drawing
) -> dict[str, dict[str, Place]]:
    """Summary -> the place of each method that ran every condition, from one comparison of all pairs."""
    entries, start = {}, 0
    for method, mine in by_method.items():
        entry = Entry(mine, start)
        if entry.known:
            entries[method], start = entry, start + len(entry.arrays)
    if len(entries) < 2:
        return {}
    sample = Sample.of([entry.arrays for entry in entries.values()], drawing.subjects)
    if not sample.images:
        return {}
    unit = entries[reference].start if reference in entries else None
    functions = {}
    for method, entry in entries.items():
        at = entry.start if unit is None else unit
        functions[method] = summaries_of(len(sweep.families), list(entry.scored.others), metric, entry.start, at)
    places = {}
    for summary in next(iter(functions.values())):
        if summary.startswith(SEVERITY) or (summary in IN_UNITS and unit is None):
            continue
        higher = summary == "stability" or (summary == "area" and metric.higher_is_better)
        statistics = {method: of_method[summary] for method, of_method in functions.items()}
        places[summary] = places_of(sample, statistics, drawing.seed, higher, drawing.n)
    return places
