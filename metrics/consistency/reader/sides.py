"""Places in an image whose sides are an axis: "upper and middle left lung", "whole right lung"."""

from __future__ import annotations

from metrics.consistency.reader.phrases import Phrase, PhraseReader
from metrics.consistency.reader.tokens import Token


class SideReader(PhraseReader):
    """Reads phrases for an ontology with `laterality: true`, such as chest."""

    def parenthesis(self, sign: str) -> None:
        """Rows in parentheses belong to the side before: "left lung (upper, lower), right lung (middle)"."""
        place = self.current
        if sign == "(" and place is not None and place.sides and not place.rows:
            self.in_parentheses, place.closed, self.joiner = True, False, ""
        elif self.in_parentheses:
            self.in_parentheses = False
            self.flush()
        else:
            self.join("comma")

    def take_row(self, i: int, token: Token) -> None:
        """A row; it begins a new place if the current one is complete."""
        place = self.current
        if place is not None and (place.closed or place.cells or (place.sides and self.begins_anew(place, i))):
            self.flush()
        place = self.extend(i)
        place.side_first |= bool(place.sides) and not place.rows
        self.add_row(place, token.value)
        self.joiner = ""

    def begins_anew(self, place: Phrase, i: int) -> bool:
        """Whether the row at token i belongs to the next place: "upper left, lower right", "left and lower right"."""
        if self.in_parentheses:
            return False
        if (place.rows or place.whole) and not place.side_first:
            return True
        if self.joiner == "comma":
            return bool(place.rows)
        roles = [t.role for t in self.tokens[i + 1 : i + 5]]
        ends = [k for k, role in enumerate(roles) if role in ("organ", "comma", "stop", "finding", "place")]
        return self.joiner == "and" and "side" in roles[: ends[0] if ends else None]

    def take_side(self, i: int, token: Token) -> None:
        """A side; it begins a new place if the current one has its own."""
        place = self.current
        if place is not None and place.cells:
            self.flush()  # "LUL and right lung"
        elif place is not None and place.closed:
            is_of_place = self.joiner in ("of", "") and (place.rows or place.whole) and not self.next_has_rows(i)
            if place.sides or not is_of_place:
                self.flush()
        elif place is not None and place.sides:
            if place.sides[-1] != token.value and not self.joiner:
                place.conflict = f"{place.sides[-1]} {token.value}"
            elif place.side_first and place.rows:
                self.flush()
        elif place is not None and place.rows and self.lacks_side(place):
            self.flush()
        place = self.extend(i)
        if token.value not in place.sides:
            place.sides.append(token.value)
        self.joiner = ""

    def lacks_side(self, place: Phrase) -> bool:
        """Whether the next side is not that of the place's rows: "upper lower and right lung"."""
        return self.joiner == "and" or (self.joiner == "comma" and self.is_of_before(place))

    def is_of_before(self, place: Phrase) -> bool:
        """Whether the rows of the place belong to the side before it: "left lung lower, right lung lower"."""
        if not self.phrases or place.led_by not in ("", "of"):
            return False
        before = self.phrases[-1]
        return before.closed and bool(before.sides) and not before.rows

    def next_has_rows(self, i: int) -> bool:
        """Whether the side at token i has its own rows after it ("lower zone, left upper lobe")."""
        for token in self.tokens[i + 1 : i + 3]:
            if token.role == "row":
                return True
            if token.role in ("organ", "comma", "stop", "and"):
                return False
        return False

    def take_both(self, i: int, token: Token) -> None:
        """Both sides."""
        place = self.current
        if place is not None and (place.sides or place.cells or (place.closed and self.joiner not in ("of", ""))):
            self.flush()
        place = self.extend(i)
        place.sides = ["left", "right"]
        place.side_first = not place.rows
        place.closed = token.value == "each" and token.norm != "each"  # "each lung" has its noun
        self.joiner = ""

    def take_mostly(self, i: int, token: Token) -> None:
        """A comparison joins two sides: "right worse than left"."""
        if self.current is not None and self.current.sides:
            self.joiner = "and"

    take_least = take_most = take_than = take_mostly

    def take_laterality(self, i: int, token: Token) -> None:
        """ "Bilateral" names both sides next to rows: "bilateral lower zones", "lower zones bilaterally"."""
        k = i + 1
        while k < len(self.tokens) and self.tokens[k].role == "of":
            k += 1
        following = self.tokens[k].role if k < len(self.tokens) else ""
        place = self.current
        if token.value != "bilateral":
            return
        if place is not None and place.rows and not place.sides:
            place.sides, place.last = ["left", "right"], i
        elif following in ("row", "place"):
            self.take_both(i, token)

    def take_whole(self, i: int, token: Token) -> None:
        """A word for all rows, such as "whole"."""
        place = self.current
        if place is not None and (place.closed or place.sides or place.cells):
            # "left whole lung", "the left lung is completely opacified"
            is_of_side = place.sides and not (place.rows or place.whole or self.joiner)
            if not is_of_side or (place.closed and not token.norm.endswith("ed")):
                self.flush()
        self.extend(i).whole = True
        self.joiner = ""

    def take_cell(self, i: int, token: Token) -> None:
        """A word for one cell, such as "LUL"."""
        place = self.current
        if place is not None and self.joiner == "of" and place.rows and not place.sides:
            place.rows, place.closed = [], False  # "basal part of the right middle lobe": the lobe is the place
        elif place is not None and not place.cells:
            self.flush()
        place = self.extend(i)
        place.cells.append(token.value)
        self.joiner = ""

    def take_finding(self, i: int, token: Token) -> None:
        """A finding ends the place; "all areas" names none."""
        place = self.current
        if place is None:
            return
        if place.whole and not (place.rows or place.sides):
            self.current = None  # "all areas"
        elif not place.empty:
            place.closed = True
            self.joiner = ""
