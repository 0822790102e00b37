"""Places in an image whose sides are not an axis: a column is part of a place, and each item of a list is a place."""

from __future__ import annotations

from metrics.consistency.reader.phrases import PhraseReader
from metrics.consistency.reader.tokens import Token

OF = ("of", "the", "a")


class GridReader(PhraseReader):
    """Reads phrases for an ontology with `laterality: false`, such as colonoscopy."""

    def begin_item(self) -> None:
        """End the current place if the next word belongs to another item of the list."""
        if self.current is not None and (self.joiner in ("and", "comma") or self.current.closed):
            self.flush()

    def take_row(self, i: int, token: Token) -> None:
        """A row, of this place or of the next item of the list."""
        self.begin_item()
        self.extend(i).rows.append(token.value)
        self.joiner = ""

    def take_side(self, i: int, token: Token) -> None:
        """A column; two different ones exclude each other."""
        self.begin_item()
        place = self.extend(i)
        if place.sides and place.sides[-1] != token.value:
            place.conflict = f"{place.sides[-1]} {token.value}"
        place.sides.append(token.value)
        self.joiner = ""

    def take_center(self, i: int, token: Token) -> None:
        """The center."""
        self.begin_item()
        self.extend(i).center = True
        self.joiner = ""

    def take_cell(self, i: int, token: Token) -> None:
        """A word for one cell, which is a place of its own."""
        if self.current is not None:
            self.flush()
        place = self.extend(i)
        place.cells.append(token.value)
        place.closed = True
        self.joiner = ""

    def take_anatomy(self, i: int, token: Token) -> None:
        """Drops places in the anatomy: "left colon", "middle third of the transverse colon"."""
        if self.current is not None and all(t.norm in OF for t in self.tokens[self.current.last + 1 : i]):
            self.current.dropped = True
            self.flush()

    def take_finding(self, i: int, token: Token) -> None:
        """Drops words for the looks of a polyp: "right ear polyp", "middle of donut polyp"."""
        if self.current is not None:
            self.current.dropped = self.current.loose
            self.current.closed = True

    def take_(self, i: int, token: Token) -> None:
        """Notes that a word without a role follows the place."""
        if self.current is not None and not self.current.closed:
            self.current.loose = True
