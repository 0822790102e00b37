"""The rows of one board: every metric of every entry, with its interval, tie group, ranks and place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.exchange.comparable import CORRECTED, LISTED, NOISE, Board, Entry
from c2seg_bench.results.by_image import ByImage, subjects_of
from c2seg_bench.results.grid import Grid
from c2seg_bench.results.robustness import robustness
from c2seg_bench.rundir import CLEAN
from c2seg_bench.seeding import seed
from metrics.catalogue import METRICS, Metric
from metrics.consistency.axes import ALL
from metrics.ranking import Place, places
from metrics.stats import Interval, bootstrap_corrected, bootstrap_mean
from metrics.summary import fill_empty


def rows_of(board: Board, by: Metric, empty: str, draws: int) -> list[dict[str, Any]]:
    """The rows of one board, ordered by the metric `by`."""
    clean = {entry.label: clean_rows(entry, board.dataset, empty) for entry in board.ranked}
    images = sorted(next(iter(clean.values()))["image"].unique())
    subjects = subjects_of(next(iter(clean.values())), images)
    rows: list[dict[str, Any]] = []
    scores = {label: ByImage(table, images) for label, table in clean.items()}
    for metric in LISTED:
        values = {label: metric.scale * own[metric.column] for label, own in scores.items()}
        rows += metric_rows(board, metric, values, draws, subjects)
    for entry in board.ranked:
        interval = corrected(entry, board.dataset, scores[entry.label], images, draws, subjects)
        rows.append(_row(board, entry, CORRECTED.name, interval, len(images), len(scores[entry.label].seeds)))
    rows += noise_rows(board, empty, draws)
    places = place_by_label(rows, by)
    return sorted(({**row, "place": places[row["label"]]} for row in rows), key=lambda row: row["place"])


def clean_rows(entry: Entry, dataset: str, empty: str) -> pd.DataFrame:
    table = entry.package.scores
    return fill_empty(table[(table["dataset"] == dataset) & (table["condition"] == str(CLEAN))], empty)


def metric_rows(
    board: Board, metric: Metric, values: dict[str, np.ndarray], draws: int, subjects: np.ndarray | None
) -> list[dict[str, Any]]:
    """One metric of every entry, with its tie group and ranks."""
    number = seed("leaderboard", board.dataset, metric.name) % 2**32
    scored = {label: table for label, table in values.items() if np.isfinite(table).any()}
    tie_by_label: dict[str, Place] = {}
    if len(scored) > 1 and np.logical_and.reduce([np.isfinite(v).any(axis=0) for v in scored.values()]).any():
        tie_by_label = places(scored, number, metric.higher_is_better, draws, subjects=subjects)
    rows = []
    for entry in board.ranked:
        per_image = values[entry.label]  # (seeds, images)
        interval = bootstrap_mean(per_image, number, draws, subjects=subjects)
        images = int(np.isfinite(per_image).any(axis=0).sum())
        group, low, high = tie_by_label.get(entry.label, ("", None, None))
        row = _row(board, entry, metric.name, interval, images, len(per_image))
        rows.append({**row, "group": group, "rank_lo": low, "rank_hi": high})
    return rows


def corrected(
    entry: Entry, dataset: str, scores: ByImage, images: list[str], draws: int, subjects: np.ndarray | None
) -> Interval:
    """Chance-corrected consistency, from the experts' scores in the package."""
    experts = entry.package.ceiling
    experts = experts[experts["dataset"] == dataset].set_index("image").loc[images]
    number = seed("leaderboard", dataset, CORRECTED.name) % 2**32
    ceiling, other = (experts[column].to_numpy(float) for column in (ALL.score, ALL.chance))
    return bootstrap_corrected(scores[ALL.score], scores[ALL.chance], ceiling, other, number, draws, subjects=subjects)


def noise_rows(board: Board, empty: str, draws: int) -> list[dict[str, Any]]:
    """Points of Dice lost to noise that keeps the meaning, for the entries with the same noise as the first one."""
    noise = {entry.label: entry.package.manifest.datasets[board.dataset].noise for entry in board.ranked}
    first = noise[board.ranked[0].label]
    comparable = [entry for entry in board.ranked if noise[entry.label] and noise[entry.label] == first]
    if not comparable:
        return []
    tables = []
    for entry in comparable:
        table = entry.package.scores
        tables.append(fill_empty(table[table["dataset"] == board.dataset], empty).assign(method=entry.label))
    summed = robustness(
        Grid.by_dataset(pd.concat(tables, ignore_index=True)), [], "leaderboard", draws, (METRICS["dice"],)
    )
    drops = {row["method"]: row for row in summed if (row["kind"], row["summary"]) == ("kept", "drop")}
    return [
        _row(board, entry, NOISE, (drop["value"], drop["lo"], drop["hi"]), 0, 0)
        for entry in comparable
        if (drop := drops.get(entry.label)) is not None
    ]


def place_by_label(rows: list[dict[str, Any]], by: Metric) -> dict[str, int]:
    """1 for the best value; equal values share a place, and an entry without a value comes last."""
    values = {row["label"]: row["value"] for row in rows if row["metric"] == by.name}
    sign = -1 if by.higher_is_better else 1
    costs = {label: np.inf if np.isnan(value) else sign * value for label, value in values.items()}
    return {label: 1 + sum(other < cost for other in costs.values()) for label, cost in costs.items()}


def _row(board: Board, entry: Entry, metric: str, interval: Any, n: int, seeds: int) -> dict[str, Any]:
    value, low, high = interval
    return {
        "dataset": board.dataset, "label": entry.label, "method": entry.package.title, "file": entry.name,
        "metric": metric, "value": value, "lo": low, "hi": high, "n": n, "seeds": seeds,
        "group": "", "rank_lo": None, "rank_hi": None,
    }  # fmt: skip
