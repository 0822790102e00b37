"""The phrases of a text that name a place, one after another: "upper and middle left lung", "whole right lung"."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics.consistency.reader.tokens import Token


@dataclass(slots=True)
class Phrase:
    """One place: "upper and middle left lung". `first` and `last` are indices of tokens."""

    first: int
    last: int
    rows: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    whole: bool = False
    center: bool = False
    closed: bool = False
    side_first: bool = False
    led_by: str = ""  # the joiner before it
    conflict: str = ""
    loose: bool = False  # followed by a word that is not a part of the picture: "middle of donut"
    dropped: bool = False
    read_sides: tuple[str, ...] = ()  # sides and cells that it stands for, given the places before it
    read_cells: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        return not (self.rows or self.sides or self.cells or self.whole or self.center)


class SideReader:
    """Reads phrases for an ontology with `laterality: true`, such as chest."""

    def __init__(self, tokens: list[Token]):
        self.tokens = tokens
        self.phrases: list[Phrase] = []
        self.now: Phrase | None = None
        self.joiner = ""  # the role since the last word of a place: "and", "comma", "of" or ""
        self.led_by = ""
        self.inside = False  # parentheses after a side
        self.spans_rows = False  # after "to": "from the upper to the lower zone"

    def flush(self) -> None:
        if self.now is not None:
            self.phrases.append(self.now)
        self.now = None
        self.led_by, self.joiner = self.joiner, ""

    def phrase(self, i: int) -> Phrase:
        if self.now is None:
            self.now = Phrase(i, i, led_by=self.joiner or self.led_by)
            self.led_by = ""
        self.now.last = i
        return self.now

    def take(self, i: int) -> None:
        token = self.tokens[i]
        handler = getattr(self, "take_" + token.role.replace("-", "_"), None)
        if handler is not None:
            handler(i, token)
        elif token.norm in "()":
            self.parenthesis(token.norm)
        elif token.role in ("and", "or", "comma"):
            self.spans_rows = token.norm == "to"
            self.join(token.role)
        elif token.role in ("stop", "contrast", "now", "past", "number", "many", "times", "more", "not", "except"):
            self.flush()
            self.led_by = token.role
        elif token.role == "of" and not self.joiner:
            self.joiner = "of"

    def parenthesis(self, sign: str) -> None:
        """Rows in parentheses belong to the side before: "left lung (upper, lower), right lung (middle)"."""
        p = self.now
        if sign == "(" and p is not None and p.sides and not p.rows:
            self.inside, p.closed, self.joiner = True, False, ""
        elif self.inside:
            self.inside = False
            self.flush()
        else:
            self.join("comma")

    def join(self, role: str) -> None:
        p = self.now
        if p is not None and role == "comma" and not self.inside and p.rows and p.sides and not p.closed:
            self.flush()
            self.led_by = "comma"
        else:
            self.joiner = "and" if role == "or" else role

    def take_row(self, i: int, token: Token) -> None:
        p = self.now
        if p is not None and (p.closed or p.cells or (p.sides and self.begins_anew(p, i))):
            self.flush()
        p = self.phrase(i)
        p.side_first |= bool(p.sides) and not p.rows
        self.add_row(p, token.value)
        self.joiner = ""

    def add_row(self, p: Phrase, row: str) -> None:
        """Add the row, and the middle one if the place extends from the upper to the lower."""
        if self.spans_rows and p.rows and {p.rows[-1], row} == {"upper", "lower"}:
            p.rows.append("middle")
        p.rows.append(row)
        self.spans_rows = False

    def begins_anew(self, p: Phrase, i: int) -> bool:
        """Whether the row at word i belongs to the next place: "upper left, lower right", "left and lower right"."""
        if self.inside:
            return False
        if (p.rows or p.whole) and not p.side_first:
            return True
        if self.joiner == "comma":
            return bool(p.rows)
        roles = [w.role for w in self.tokens[i + 1 : i + 5]]
        ends = [k for k, role in enumerate(roles) if role in ("organ", "comma", "stop", "finding", "place")]
        return self.joiner == "and" and "side" in roles[: ends[0] if ends else None]

    def take_place(self, i: int, token: Token) -> None:
        if self.now is not None and self.now.closed and not (self.spans_rows and self.now.rows):
            self.flush()
        p = self.phrase(i)
        self.add_row(p, token.value)
        p.closed = True
        self.joiner = ""

    def take_both_place(self, i: int, token: Token) -> None:
        self.flush()
        p = self.phrase(i)
        p.rows, p.sides, p.closed = [token.value], ["left", "right"], True

    def take_side(self, i: int, token: Token) -> None:
        p = self.now
        if p is not None and p.cells:
            self.flush()  # "LUL and right lung"
        elif p is not None and p.closed:
            if (
                (p.sides or p.cells)
                or self.joiner not in ("of", "comma", "")
                or not (p.rows or p.whole)
                or self.joiner == "comma"
                or self.next_has_rows(i)
            ):
                self.flush()
        elif p is not None and p.sides:
            if p.sides[-1] != token.value and not self.joiner:
                p.conflict = f"{p.sides[-1]} {token.value}"
            elif p.side_first and p.rows:
                self.flush()
        elif p is not None and p.rows and (self.joiner == "and" or (self.joiner == "comma" and self.is_of_before(p))):
            self.flush()  # "upper lower and right lung": the first side is missing
        p = self.phrase(i)
        if token.value not in p.sides:
            p.sides.append(token.value)
        self.joiner = ""

    def is_of_before(self, p: Phrase) -> bool:
        """Whether the rows of p belong to the side before: "left lung lower, right lung lower"."""
        before = self.phrases[-1] if self.phrases else None
        return (
            before is not None and before.closed and bool(before.sides) and not before.rows and p.led_by in ("", "of")
        )

    def next_has_rows(self, i: int) -> bool:
        """Whether the side at word i brings its own rows ("lower zone, left upper lobe")."""
        for token in self.tokens[i + 1 : i + 3]:
            if token.role == "row":
                return True
            if token.role in ("organ", "comma", "stop", "and"):
                return False
        return False

    def take_both(self, i: int, token: Token) -> None:
        p = self.now
        if p is not None and (p.sides or p.cells or (p.closed and self.joiner not in ("of", ""))):
            self.flush()
        p = self.phrase(i)
        p.sides = ["left", "right"]
        p.side_first = not p.rows
        p.closed = token.value == "each" and token.norm != "each"  # "each lung" has its noun
        self.joiner = ""

    def take_mostly(self, i: int, token: Token) -> None:
        """A comparison joins two sides: "right worse than left"."""
        if self.now is not None and self.now.sides:
            self.joiner = "and"

    take_least = take_most = take_than = take_mostly

    def take_laterality(self, i: int, token: Token) -> None:
        """ "Bilateral" names both sides next to rows: "bilateral lower zones", "lower zones bilaterally"."""
        k = i + 1
        while k < len(self.tokens) and self.tokens[k].role == "of":
            k += 1
        following = self.tokens[k].role if k < len(self.tokens) else ""
        p = self.now
        if token.value != "bilateral":
            return
        if p is not None and p.rows and not p.sides:
            p.sides, p.last = ["left", "right"], i
        elif following in ("row", "place"):
            self.take_both(i, token)

    def take_whole(self, i: int, token: Token) -> None:
        p = self.now
        # "left whole lung", "the left lung is completely opacified"
        named = (
            p is not None
            and p.sides
            and not (p.rows or p.whole or self.joiner)
            and (not p.closed or token.norm.endswith("ed"))
        )
        if p is not None and (p.closed or p.sides or p.cells) and not named:
            self.flush()
        self.phrase(i).whole = True
        self.joiner = ""

    def take_cell(self, i: int, token: Token) -> None:
        p = self.now
        if p is not None and self.joiner == "of" and p.rows and not p.sides:
            p.rows, p.closed = [], False  # "basal part of the right middle lobe": the lobe is the place
        elif p is not None and not p.cells:
            self.flush()
        p = self.phrase(i)
        p.cells.append(token.value)
        self.joiner = ""

    def take_organ(self, i: int, token: Token) -> None:
        if self.now is not None and not self.now.empty:
            self.now.closed, self.now.last = True, i
            self.joiner = ""

    def take_finding(self, i: int, token: Token) -> None:
        p = self.now
        if p is None:
            return
        if p.whole and not (p.rows or p.sides):
            self.now = None  # "all areas"
        elif not p.empty:
            p.closed = True
            self.joiner = ""
