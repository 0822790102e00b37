"""Results from several groups in one ranked table per dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.exchange.comparable import CORRECTED, LISTED, NOISE, Board, Entry, boards, entries_of
from c2seg_bench.exchange.package import read_package
from c2seg_bench.files import atomic
from c2seg_bench.results.grid import Grid
from c2seg_bench.results.robustness import robustness
from c2seg_bench.results.run import subjects_of, wide
from c2seg_bench.rundir import CLEAN
from c2seg_bench.seeding import seed
from metrics.catalogue import METRICS, Metric
from metrics.consistency.axes import ALL
from metrics.ranking import Place, places
from metrics.stats import Interval, bootstrap_corrected, bootstrap_mean
from metrics.table import fill_empty

COLUMNS = (
    "dataset",
    "place",
    "method",
    "file",
    "metric",
    "value",
    "lo",
    "hi",
    "n",
    "seeds",
    "group",
    "rank_lo",
    "rank_hi",
)


def read_entries(files: list[Path]) -> list[Entry]:
    """The packages of `export`, each once. InputError names a file that is not one."""
    if twice := [path for k, path in enumerate(files) if path.resolve() in [p.resolve() for p in files[:k]]]:
        raise InputError(f"{twice[0]}: given twice; give each file once")
    return entries_of([(path.name, read_package(path)) for path in files])


def leaderboard(
    files: list[Path], by: str = "dice", empty: str = "diagonal", reference: Path | None = None, draws: int = 2000
) -> list[tuple[Board, list[dict[str, Any]]]]:
    """A board per dataset with its rows, one per entry and metric, best first.

    Args:
        by: metric to rank by; it has a value per image.
        empty: policy for distances of empty masks, the same for all; `metrics.summarise`.
        reference: the file that says what is comparable; by default most files decide.
        draws: of the bootstrap.

    Returns:
        Rows with the keys of `COLUMNS`: `place` is 1 for the best; `group`, `rank_lo` and `rank_hi` as in main.csv.

    Raises:
        InputError: a file that is not an export, or an unknown metric.
    """
    metric = next((m for m in LISTED if m.name == by), None)
    if metric is None:
        raise InputError(f"--by {by}: no such metric; there are {', '.join(m.name for m in LISTED)}")
    entries = read_entries(files)
    if reference is not None and reference.name not in [entry.name for entry in entries]:
        raise InputError(f"--reference {reference}: is not among the files; give one of them")
    chosen = None if reference is None else next(e for e in entries if e.name == reference.name)
    return [(board, rows_of(board, metric, empty, draws)) for board in boards(entries, chosen)]


def rows_of(board: Board, by: Metric, empty: str, draws: int) -> list[dict[str, Any]]:
    """The rows of one board, ordered by the metric `by`."""
    clean = {entry.label: clean_rows(entry, board.dataset, empty) for entry in board.ranked}
    images = sorted(next(iter(clean.values()))["image"].unique())
    subjects = subjects_of(next(iter(clean.values())), images)
    rows: list[dict[str, Any]] = []
    for metric in LISTED:
        values = {label: metric.scale * wide(table, metric.column, images) for label, table in clean.items()}
        rows += metric_rows(board, metric, values, draws, subjects)
    for entry in board.ranked:
        interval = corrected(entry, board.dataset, clean[entry.label], images, draws, subjects)
        rows.append(_row(board, entry, CORRECTED.name, interval, len(images), clean[entry.label]["seed"].nunique()))
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
    known = {label: v for label, v in values.items() if np.isfinite(v).any()}
    shared = np.logical_and.reduce([np.isfinite(v).any(axis=0) for v in known.values()]) if known else np.zeros(1, bool)
    found: dict[str, Place] = {}
    if len(known) > 1 and shared.any():
        found = places(known, number, metric.higher_is_better, draws, subjects=subjects)
    rows = []
    for entry in board.ranked:
        mine = values[entry.label]
        row = _row(board, entry, metric.name, bootstrap_mean(mine, number, draws, subjects=subjects), 0, len(mine))
        group, low, high = found.get(entry.label, ("", None, None))
        rows.append(
            {**row, "n": int(np.isfinite(mine).any(axis=0).sum()), "group": group, "rank_lo": low, "rank_hi": high}
        )
    return rows


def corrected(
    entry: Entry, dataset: str, table: pd.DataFrame, images: list[str], draws: int, subjects: np.ndarray | None
) -> Interval:
    """Chance-corrected consistency, from the experts' scores in the package."""
    experts = entry.package.ceiling
    experts = experts[experts["dataset"] == dataset].set_index("image").loc[images]
    number = seed("leaderboard", dataset, CORRECTED.name) % 2**32
    score, chance = (wide(table, column, images) for column in (ALL.score, ALL.chance))
    ceiling, other = (experts[column].to_numpy(float) for column in (ALL.score, ALL.chance))
    return bootstrap_corrected(score, chance, ceiling, other, number, draws, subjects=subjects)


def noise_rows(board: Board, empty: str, draws: int) -> list[dict[str, Any]]:
    """Points of Dice lost to noise that keeps the meaning, for the entries with the same noise as the first one."""
    noise = {entry.label: entry.package.manifest.datasets[board.dataset].noise for entry in board.ranked}
    met = [entry for entry in board.ranked if noise[entry.label] and noise[entry.label] == noise[board.ranked[0].label]]
    if not met:
        return []
    tables = []
    for entry in met:
        table = entry.package.scores
        tables.append(fill_empty(table[table["dataset"] == board.dataset], empty).assign(method=entry.label))
    summed = robustness(
        Grid.by_dataset(pd.concat(tables, ignore_index=True)), [], "leaderboard", draws, (METRICS["dice"],)
    )
    drops = {row["method"]: row for row in summed if (row["kind"], row["summary"]) == ("kept", "drop")}
    return [
        _row(board, entry, NOISE, (drop["value"], drop["lo"], drop["hi"]), 0, 0)
        for entry in met
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


def summary_of(ranked: list[tuple[Board, list[dict[str, Any]]]], by: str) -> list[dict[str, Any]]:
    """Places and refusals per dataset, ready for JSON."""
    return [
        {
            "dataset": board.dataset,
            "ranked": [
                {"place": row["place"], "method": row["method"], "file": row["file"], "value": row["value"]}
                for row in rows
                if row["metric"] == by
            ],
            "not_ranked": [
                {"method": entry.package.title, "file": entry.name, "reason": reason} for entry, reason in board.refused
            ],
        }
        for board, rows in ranked
    ]


def write_leaderboard(ranked: list[tuple[Board, list[dict[str, Any]]]], by: str, empty: str, out: Path) -> list[Path]:
    """Write leaderboard.csv, not_ranked.csv, leaderboard.md and leaderboard.html into the folder `out`."""
    from c2seg_bench.exchange.leaderboard_page import document_of
    from reports import markdown, page

    out.mkdir(parents=True, exist_ok=True)
    rows = pd.DataFrame([row for _, of_board in ranked for row in of_board], columns=list(COLUMNS))
    summary = summary_of(ranked, by)
    refused = [{"dataset": board["dataset"], **row} for board in summary for row in board["not_ranked"]]
    document = document_of(ranked, by, empty)
    texts = {
        "leaderboard.csv": rows.to_csv(index=False, float_format="%.6g"),
        "not_ranked.csv": pd.DataFrame(refused, columns=["dataset", "method", "file", "reason"]).to_csv(index=False),
        "leaderboard.md": markdown.render(document),
        "leaderboard.html": page.render(document, out),
    }
    for name, text in texts.items():
        with atomic(out / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return [out / name for name in texts]
