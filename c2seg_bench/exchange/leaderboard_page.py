"""The leaderboard as a document of the report's blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from c2seg_bench.exchange.comparable import CORRECTED, LISTED, NOISE, Board, Entry
from reports.document import Block, Bullets, Document, Text
from reports.tables.model import NONE, Cell, Column, Row, Table, ranks

Ranked = list[tuple[Board, list[dict[str, Any]]]]
CAPTION = (
    "Brackets: 95 % interval (bootstrap over subjects where results know them, else over images; and over trainings "
    "where there are three or more). Place in brackets: the ranks that the comparisons leave open. Raised letters: two "
    "methods share one if and only if they do not differ significantly, all pairs being compared at once. Bold: best; "
    "underlined: second. Params: trained, in millions. Noise: points of Dice lost to prompts whose meaning noise keeps."
)


def document_of(ranked: Ranked, by: str, empty: str) -> Document:
    """A section per dataset: the ranking, and below it what was not ranked and why."""
    document = Document("Leaderboard")
    for board, rows in ranked:
        blocks: list[Block] = [table_of(board, rows, by, empty)]
        if board.refused:
            blocks.append(Text("Not ranked, because their numbers are not comparable with those above:"))
            blocks.append(Bullets([(f"{entry.label}:", reason) for entry, reason in board.refused]))
        document.sections.append((board.dataset, blocks))
    files = [(entry.label + ":", provenance(entry)) for entry in entries(ranked)]
    document.sections.append(("Where the results come from", [Bullets(files)]))
    return document


def table_of(board: Board, rows: list[dict[str, Any]], by: str, empty: str) -> Table:
    """Best first; a dash where an entry has no value."""
    row_by = {(row["label"], row["metric"]): row for row in rows}
    order = sorted(board.ranked, key=lambda entry: row_by[entry.label, by]["place"])
    columns = [
        (metric.name, Column(metric.title, metric.unit, "up" if metric.higher_is_better else "down"))
        for metric in (*LISTED, CORRECTED)
    ]
    if any(row["metric"] == NOISE for row in rows):
        columns.append((NOISE, Column("Noise", "points of Dice", "down")))
    cells = [_column([row_by.get((entry.label, name)) for entry in order], column) for name, column in columns]
    lines = []
    for k, entry in enumerate(order):
        manifest = entry.package.manifest
        text = NONE if manifest.uses_text is None else "yes" if manifest.uses_text else "no"
        first = (Cell(text=_place(row_by[entry.label, by])), Cell(manifest.params_m), Cell(text=text))
        lines.append(Row(entry.label, (*first, *(column[k] for column in cells))))
    record = board.record
    caption = (
        f"Ranked by {by}, per-image means of {record.images} test images, {record.size}×{record.size} pixels; empty "
        f"masks by policy {empty}. {CAPTION}"
    )
    headings = [Column("Place"), Column("Params", "M"), Column("Text"), *(column for _, column in columns)]
    return Table(f"leaderboard-{board.dataset}", board.dataset, caption, "Method", headings, [("", lines)])


def _column(rows: list[dict[str, Any] | None], column: Column) -> list[Cell]:
    cells = [Cell() if r is None else Cell(r["value"], r["lo"], r["hi"], mark=r["group"]) for r in rows]
    marks = ranks([cell.value for cell in cells], column.better or "up", 2)
    return [replace(cell, rank=mark) for cell, mark in zip(cells, marks, strict=True)]


def _place(row: dict[str, Any]) -> str:
    low, high = row["rank_lo"], row["rank_hi"]
    if low is None:
        return str(row["place"])
    return f"{row['place']} [{low}]" if low == high else f"{row['place']} [{low} to {high}]"


def entries(ranked: Ranked) -> list[Entry]:
    """Every entry once, in the order of the boards."""
    entry_by_label = {}
    for board, _ in ranked:
        for entry in (*board.ranked, *(entry for entry, _ in board.refused)):
            entry_by_label[entry.label] = entry
    return list(entry_by_label.values())


def provenance(entry: Entry) -> str:
    """One line: file, suite, date, machine and link, as the file states them."""
    manifest = entry.package.manifest
    origin = manifest.provenance
    parts = [entry.name, f"suite {manifest.suite}"]
    parts += [f"{key} {origin[key]}" for key in ("date", "machine") if isinstance(origin.get(key), str)]
    if manifest.link:
        parts.append(manifest.link)
    return "; ".join(parts)
