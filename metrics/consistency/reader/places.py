"""From phrases to sides and cells of the ontology's grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from metrics.consistency.reader.grid import GridReader
from metrics.consistency.reader.ontology import Ontology
from metrics.consistency.reader.phrases import Phrase, SideReader
from metrics.consistency.reader.tokens import Token


@dataclass(slots=True)
class Places:
    """The sides and cells that the phrases of a text stand for."""

    sides: set[str] = field(default_factory=set)
    cells: set[str] = field(default_factory=set)
    open_sides: set[str] = field(default_factory=set)
    unread: list[Phrase] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    used: list[Phrase] = field(default_factory=list)
    partial: bool = False  # there may be further places

    def take(self, phrase: Phrase, cells: Iterable[str], sides: Iterable[str]) -> None:
        """Record that the phrase stands for these cells and sides."""
        phrase.read_cells, phrase.read_sides = frozenset(cells), tuple(sides)
        self.cells |= phrase.read_cells
        self.sides.update(phrase.read_sides)
        self.used.append(phrase)


def read_places(tokens: list[Token], first: int, last: int, ontology: Ontology) -> list[Phrase]:
    """The phrases of tokens[first:last], all of one state."""
    reader = (SideReader if ontology.laterality else GridReader)(tokens)
    for i in range(first, last):
        reader.take(i)
    reader.flush()
    return [p for p in reader.phrases if not p.empty]


def add_up(phrases: list[Phrase], ontology: Ontology) -> Places:
    """Sides and cells of the phrases."""
    out = Places()
    (add_sides if ontology.laterality else add_grid)(phrases, out, ontology)
    return out


def add_sides(phrases: list[Phrase], out: Places, ontology: Ontology) -> None:
    before: Phrase | None = None
    for p in phrases:
        if p.conflict:
            out.conflicts.append(p.conflict)
            out.unread.append(p)
        elif p.cells:
            out.take(p, p.cells, [cell.split("-")[1] for cell in p.cells])
        elif p.sides:
            rows = p.rows or (list(ontology.rows) if p.whole else [])
            out.take(p, [f"{row}-{side}" for row in rows for side in p.sides], p.sides)
            if not rows:
                out.open_sides.update(p.sides)
        elif before is not None and inherits(p, before):
            out.take(p, [f"{row}-{side}" for row in p.rows for side in before.sides], before.sides)
            continue
        else:
            out.unread.append(p)
        before = p
    out.open_sides = {side for side in out.open_sides if not any(c.endswith("-" + side) for c in out.cells)}


def inherits(p: Phrase, before: Phrase) -> bool:
    """Whether rows belong to the side before: "left lung, lower zone"; "left upper lobe and lower lobe"."""
    if not p.rows or not before.sides or before.whole:
        return False
    if p.led_by == "of" and set(p.rows) <= set(before.rows):
        return True  # "the right base in the lower zone"
    return p.led_by in ("comma", "of", "") and not before.rows or p.led_by in ("comma", "and") and before.side_first


def add_grid(phrases: list[Phrase], out: Places, ontology: Ontology) -> None:
    for p in phrases:
        if p.conflict:
            out.conflicts.append(p.conflict)
            out.unread.append(p)
        elif p.cells and not p.dropped:
            out.take(p, p.cells, ())
        elif not p.dropped:
            cells = {f"{row}-{side}" for row in (p.rows or ["middle"]) for side in (p.sides or ["center"])}
            if cells <= set(ontology.cells):
                out.take(p, cells, ())
            else:  # "top" alone in a grid of two columns
                out.unread.append(p)
