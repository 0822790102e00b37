"""A place that a text names, and the base of the readers that collect these from its tokens."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics.consistency.reader.tokens import Token


@dataclass(slots=True)
class Phrase:
    """One place: "upper and middle left lung".

    Args:
        first, last: indices of its tokens, both included.
        rows, sides, cells: values of its words, in the order of the text.
        whole: whether it means all rows: "whole left lung".
        center: whether it names the center of a grid without sides.
        closed: whether its noun has been read, so that further words belong to another place.
        side_first: whether a side came before the rows: "left upper lung".
        led_by: role of the word that joins it to the place before: "and", "comma", "of" or "".
        conflict: words that exclude each other, such as "left right".
        loose: whether a word follows that is not a part of the image: "middle of donut".
        dropped: whether it is no place after all.
        read_sides, read_cells: the sides and cells that it stands for, given the places before it.
    """

    first: int
    last: int
    rows: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    whole: bool = False
    center: bool = False
    closed: bool = False
    side_first: bool = False
    led_by: str = ""
    conflict: str = ""
    loose: bool = False
    dropped: bool = False
    read_sides: tuple[str, ...] = ()
    read_cells: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether no word of a place has been read."""
        return not (self.rows or self.sides or self.cells or self.whole or self.center)


class PhraseReader:
    """Collects the phrases of a text, token by token.

    A subclass has a method `take_ROLE` for each role that matters for a place, with "_" for "-".
    """

    def __init__(self, tokens: list[Token]):
        self.tokens = tokens
        self.phrases: list[Phrase] = []
        self.current: Phrase | None = None
        self.joiner = ""  # the role since the last word of a place: "and", "comma", "of" or ""
        self.led_by = ""
        self.in_parentheses = False  # after a side: "left lung (upper, lower)"
        self.spans_rows = False  # after "to": "from the upper to the lower zone"

    def flush(self) -> None:
        """End the current phrase."""
        if self.current is not None:
            self.phrases.append(self.current)
        self.current = None
        self.led_by, self.joiner = self.joiner, ""

    def extend(self, i: int) -> Phrase:
        """The current phrase, or a new one, with token i as its last."""
        if self.current is None:
            self.current = Phrase(i, i, led_by=self.joiner or self.led_by)
            self.led_by = ""
        self.current.last = i
        return self.current

    def take(self, i: int) -> None:
        """Read token i."""
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
        """Read "(" or ")"; it separates places like a comma."""
        self.join("comma")

    def join(self, role: str) -> None:
        """Read a word that joins places; a comma ends a place that has rows and a side."""
        place = self.current
        is_complete = place is not None and place.rows and place.sides and not place.closed
        if is_complete and role == "comma" and not self.in_parentheses:
            self.flush()
            self.led_by = "comma"
        else:
            self.joiner = "and" if role == "or" else role

    def add_row(self, place: Phrase, row: str) -> None:
        """Add the row, and the middle one if the place extends from the upper to the lower."""
        if self.spans_rows and place.rows and {place.rows[-1], row} == {"upper", "lower"}:
            place.rows.append("middle")
        place.rows.append(row)
        self.spans_rows = False

    def take_place(self, i: int, token: Token) -> None:
        """A word for a zone, such as "apex": a row together with its noun."""
        if self.current is not None and self.current.closed and not (self.spans_rows and self.current.rows):
            self.flush()
        place = self.extend(i)
        self.add_row(place, token.value)
        place.closed = True
        self.joiner = ""

    def take_both_place(self, i: int, token: Token) -> None:
        """A word for a zone of both sides, such as "the bases"."""
        self.flush()
        place = self.extend(i)
        place.rows, place.sides, place.closed = [token.value], ["left", "right"], True

    def take_organ(self, i: int, token: Token) -> None:
        """A noun such as "lung", which ends the place."""
        if self.current is not None and not self.current.empty:
            self.current.closed, self.current.last = True, i
            self.joiner = ""
