"""Results from several groups in one ranked table per dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.exchange.comparable import LISTED, Board, Entry, boards, entries_of
from c2seg_bench.exchange.leaderboard_rows import rows_of
from c2seg_bench.exchange.read_package import read_package
from c2seg_bench.files import atomic

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
    return entries_of([(name_of(path, files), read_package(path)) for path in files])


def name_of(path: Path, files: list[Path]) -> str:
    """The file's name; its path where another of the files has the same name."""
    return path.name if [p.name for p in files].count(path.name) == 1 else str(path)


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
    entries, paths = read_entries(files), [path.resolve() for path in files]
    if reference is not None and reference.resolve() not in paths:
        raise InputError(f"--reference {reference}: is not among the files; give one of them")
    chosen = None if reference is None else entries[paths.index(reference.resolve())]
    return [(board, rows_of(board, metric, empty, draws)) for board in boards(entries, chosen)]


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
