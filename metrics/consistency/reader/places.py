"""From phrases to sides and cells of the ontology's grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from metrics.consistency.reader.grid import GridReader
from metrics.consistency.reader.ontology import Ontology
from metrics.consistency.reader.phrases import Phrase
from metrics.consistency.reader.sides import SideReader
from metrics.consistency.reader.tokens import Token


@dataclass(slots=True)
class Places:
    """The sides and cells that the phrases of a text stand for.

    Args:
        sides, cells: stated.
        open_sides: sides that are named without rows, while no cell of theirs is.
        unread: phrases that could not be read.
        conflicts: contradictions within phrases.
        used: phrases that were read.
        partial: whether there may be further places.
    """

    sides: set[str] = field(default_factory=set)
    cells: set[str] = field(default_factory=set)
    open_sides: set[str] = field(default_factory=set)
    unread: list[Phrase] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    used: list[Phrase] = field(default_factory=list)
    partial: bool = False

    def take(self, phrase: Phrase, cells: Iterable[str], sides: Iterable[str]) -> None:
        """Record that the phrase stands for these cells and sides."""
        phrase.read_cells, phrase.read_sides = frozenset(cells), tuple(sides)
        self.cells |= phrase.read_cells
        self.sides.update(phrase.read_sides)
        self.used.append(phrase)


def read_places(tokens: list[Token], first: int, last: int, ontology: Ontology) -> list[Phrase]:
    """The phrases of tokens[first:last], which are all in one state."""
    reader = (SideReader if ontology.laterality else GridReader)(tokens)
    for i in range(first, last):
        reader.take(i)
    reader.flush()
    return [p for p in reader.phrases if not p.empty]


def places_of(phrases: list[Phrase], ontology: Ontology) -> Places:
    """The sides and cells of the phrases."""
    places = Places()
    (add_by_side if ontology.laterality else add_by_cell)(phrases, places, ontology)
    return places


def add_by_side(phrases: list[Phrase], places: Places, ontology: Ontology) -> None:
    """For an ontology whose sides are an axis; rows without a side may inherit that of the place before."""
    before: Phrase | None = None
    for phrase in phrases:
        if phrase.conflict:
            places.conflicts.append(phrase.conflict)
            places.unread.append(phrase)
        elif phrase.cells:
            places.take(phrase, phrase.cells, [cell.split("-")[1] for cell in phrase.cells])
        elif phrase.sides:
            rows = phrase.rows or (list(ontology.rows) if phrase.whole else [])
            places.take(phrase, [f"{row}-{side}" for row in rows for side in phrase.sides], phrase.sides)
            if not rows:
                places.open_sides.update(phrase.sides)
        elif before is not None and inherits(phrase, before):
            places.take(phrase, [f"{row}-{side}" for row in phrase.rows for side in before.sides], before.sides)
            continue
        else:
            places.unread.append(phrase)
        before = phrase
    places.open_sides = {side for side in places.open_sides if not any(c.endswith("-" + side) for c in places.cells)}


def inherits(phrase: Phrase, before: Phrase) -> bool:
    """Whether rows belong to the side before: "left lung, lower zone"; "left upper lobe and lower lobe"."""
    if not phrase.rows or not before.sides or before.whole:
        return False
    if phrase.led_by == "of" and set(phrase.rows) <= set(before.rows):
        return True  # "the right base in the lower zone"
    return (
        phrase.led_by in ("comma", "of", "")
        and not before.rows
        or phrase.led_by in ("comma", "and")
        and before.side_first
    )


def add_by_cell(phrases: list[Phrase], places: Places, ontology: Ontology) -> None:
    """For an ontology without an axis of sides; a missing row is the middle one, a missing column the center."""
    for phrase in phrases:
        if phrase.conflict:
            places.conflicts.append(phrase.conflict)
            places.unread.append(phrase)
        elif phrase.cells and not phrase.dropped:
            places.take(phrase, phrase.cells, ())
        elif not phrase.dropped:
            cells = {f"{row}-{side}" for row in (phrase.rows or ["middle"]) for side in (phrase.sides or ["center"])}
            if cells <= set(ontology.cells):
                places.take(phrase, cells, ())
            else:  # "top" alone in a grid of two columns
                places.unread.append(phrase)
