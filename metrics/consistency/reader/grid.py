"""Places in a picture whose sides are not an axis: a column is part of a place, and each item of a list is a place."""

from __future__ import annotations

from metrics.consistency.reader.phrases import SideReader
from metrics.consistency.reader.tokens import Token

OF = ("of", "the", "a")


class GridReader(SideReader):
    """Reads phrases for an ontology with `laterality: false`, such as colonoscopy."""

    def take_row(self, i: int, token: Token) -> None:
        if self.now is not None and (self.joiner in ("and", "comma") or self.now.closed):
            self.flush()
        self.phrase(i).rows.append(token.value)
        self.joiner = ""

    def take_side(self, i: int, token: Token) -> None:
        if self.now is not None and (self.joiner in ("and", "comma") or self.now.closed):
            self.flush()
        p = self.phrase(i)
        if p.sides and p.sides[-1] != token.value:
            p.conflict = f"{p.sides[-1]} {token.value}"
        p.sides.append(token.value)
        self.joiner = ""

    def take_center(self, i: int, token: Token) -> None:
        if self.now is not None and (self.joiner in ("and", "comma") or self.now.closed):
            self.flush()
        self.phrase(i).center = True
        self.joiner = ""

    def take_cell(self, i: int, token: Token) -> None:
        if self.now is not None:
            self.flush()
        p = self.phrase(i)
        p.cells.append(token.value)
        p.closed = True
        self.joiner = ""

    def take_anatomy(self, i: int, token: Token) -> None:
        """Drops places in the anatomy: "left colon", "middle third of the transverse colon"."""
        if self.now is not None and all(t.norm in OF for t in self.tokens[self.now.last + 1 : i]):
            self.now.dropped = True
            self.flush()

    def take_finding(self, i: int, token: Token) -> None:
        """Drops words for the looks of a polyp: "right ear polyp", "middle of donut polyp"."""
        if self.now is not None:
            self.now.dropped = self.now.loose
            self.now.closed = True

    def take_(self, i: int, token: Token) -> None:
        if self.now is not None and not self.now.closed:
            self.now.loose = True

    def take_both(self, i: int, token: Token) -> None:
        return

    take_whole = take_laterality = take_mostly = take_least = take_most = take_than = take_both

    def parenthesis(self, sign: str) -> None:
        self.join("comma")
