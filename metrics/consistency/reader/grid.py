"""The places of a picture without sides of its own: columns are part of a place, and a list names places."""

from __future__ import annotations

from metrics.consistency.reader.phrases import SideReader
from metrics.consistency.reader.tokens import Token

OF = ("of", "the", "a")


class GridReader(SideReader):
    """Phrases where columns are only part of a place, and the items of a list are places: colonoscopy."""

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

    def take_anatomy(self, i: int, token: Token) -> None:
        """ "left colon", "middle third of the transverse colon" are a part of the bowel, not of the picture."""
        if self.now is not None and all(t.norm in OF for t in self.tokens[self.now.last + 1 : i]):
            self.now.dropped = True
            self.flush()

    def take_finding(self, i: int, token: Token) -> None:
        """ "right ear polyp", "middle of donut polyp": words for the polyp's looks, not for its place."""
        if self.now is not None:
            self.now.dropped = self.now.loose
            self.now.closed = True

    def take_(self, i: int, token: Token) -> None:
        if self.now is not None and not self.now.closed:
            self.now.loose = True

    def take_both(self, i: int, token: Token) -> None:
        return

    take_whole = take_cell = take_laterality = take_mostly = take_least = take_most = take_than = take_both

    def parenthesis(self, sign: str) -> None:
        self.join("comma")
