"""The report as blocks, which markdown.py and page.py both render."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reports import tables
from reports.findings import findings
from reports.run import Run
from reports.tables.captions import seeds
from reports.tables.model import Cell, Column, Row, Table

NOT_RECORDED = "not recorded"
SHOWN = 12  # missing cells that are named
OVERLAP = "Overlapping intervals do not prove that there is no difference; separate ones suggest one."
HASHES = {"hash": "cache hash", "text_sha256": "text sha256"}


@dataclass(frozen=True)
class Text:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """(bold lead, text) pairs of plain text."""

    items: list[tuple[str, str]]


@dataclass(frozen=True)
class Figure:
    """An image in the run folder, its alternative text, and its caption."""

    path: str
    alt: str
    caption: str


Block = Text | Bullets | Figure | Table


@dataclass
class Document:
    """A title and sections of blocks."""

    title: str
    sections: list[tuple[str, list[Block]]] = field(default_factory=list)


def assemble(run: Run, made: tables.Tables, figures: list[Figure]) -> Document:
    """All sections in the order of reading: result, tables, figures, how it was made."""
    document = Document(f"{run.about['suite']}: masks and words")
    result: list[Block] = [*_missing(run), Bullets(findings(run))]
    result += [Text(OVERLAP)] if len(run.methods) > 1 else []
    document.sections.append(("Result", result))
    document.sections.append(("Masks", list(made.results)))
    document.sections.append(("Consistency", list(made.consistency) or _left_out("axes.csv")))
    document.sections.append(("Noisy prompts", _noise(run, made)))
    if made.reliance:
        document.sections.append(("Reading the text", list(made.reliance)))
    if made.referring:
        document.sections.append(("Prompts with a known answer", list(made.referring)))
    if figures:
        document.sections.append(("Figures", list(figures)))
    if run.panel is None:
        document.sections.append(("Images", _left_out("panel.npz")))
    document.sections.append(("Methods", _methods(run)))
    document.sections.append(("How it was made", _made(run)))
    return document


def _missing(run: Run) -> list[Block]:
    """What the suite should have and the tables have not."""
    missing = run.about.get("missing") or []
    if not missing:
        return []
    more = f"; and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return [Text(f"Not complete. Missing: {'; '.join(map(str, missing[:SHOWN]))}{more}. Run the suite again.")]


def _left_out(what: str) -> list[Block]:
    return [Text(f"Left out: the run has no tables/{what}.")]


def _noise(run: Run, made: tables.Tables) -> list[Block]:
    if run.stress is None:
        return _left_out("stress.csv: no stress tests")
    if run.robustness is None:
        return _left_out("robustness.csv")
    return list(made.noise)


def _methods(run: Run) -> list[Block]:
    columns = [Column("Trainable", "M"), Column("As thop counts", "M"), Column("Training", "minutes"), Column("Epochs")]
    notes = tables.footnotes(run)
    rows = []
    for m in sorted(run.methods, key=lambda m: m.uses_text):
        cells = (Cell(m.params_m), Cell(m.thop_m), Cell(m.minutes, digits=1), Cell(m.epochs, digits=1))
        rows.append(Row(m.title, cells, "reference", notes.get(m.name, ("", ""))[0]))
    caption = f"Means over seeds and datasets. Weights: {run.about.get('weights', NOT_RECORDED)}."
    blocks: list[Block] = [Table("methods", "Size and cost", caption, "Method", columns, [("", rows)])]
    titles = {m.name: m.title for m in run.methods}
    if notes:
        blocks.append(Bullets([(f"{n} {titles[name]}:", words) for name, (n, words) in notes.items()]))
    return blocks


def _made(run: Run) -> list[Block]:
    about = run.about
    minutes = [m.minutes for m in run.methods if m.minutes == m.minutes]
    versions = ", ".join(f"{k} {v}" for k, v in about.get("versions", {}).items())
    items = [
        ("Suite:", f"{about['suite']}, size {about.get('size', NOT_RECORDED)}, {seeds(about['seeds'])}"),
        ("Text encoder:", str(about.get("text", NOT_RECORDED))),
        ("Machine:", str(about.get("machine", NOT_RECORDED))),
        ("Date:", str(about.get("date") or NOT_RECORDED)),
        ("Versions:", versions or NOT_RECORDED),
        ("Training time:", f"{sum(minutes):.1f} minutes for one seed of all methods" if minutes else NOT_RECORDED),
    ]
    items += [(f"Data, {name}:", _data(about["datasets"][name])) for name in run.datasets]
    again = "The numbers are in tables/*.csv, one row per image in scores.parquet."
    return [Bullets(items), Text(f"{again} Tables and figures again: c2seg-bench report DIR")]


def _data(entry: dict[str, Any]) -> str:
    counts = entry.get("counts")
    split = ", ".join(f"{n} {s}" for s, n in counts.items()) if isinstance(counts, dict) else NOT_RECORDED
    parts = [f"source {entry.get('source', NOT_RECORDED)}", split]
    parts += [f"{key} {entry.get(key, NOT_RECORDED)}" for key in ("ontology", "frame")]
    parts += [f"{words} {str(entry.get(key, NOT_RECORDED))[:16]}" for key, words in HASHES.items()]
    return "; ".join(parts)
