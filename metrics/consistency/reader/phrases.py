"""The phrases of a text that name a place, one after another: "upper and middle left lung", "whole right lung"."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics.consistency.reader.ontology import Ontology
from metrics.consistency.reader.tokens import Word


@dataclass
class Phrase:
    """One place: "upper and middle left lung". `first` and `last` are indices of words."""

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
    loose: bool = False  # followed by a word that is no part of a picture: "middle of donut"
    dropped: bool = False

    @property
    def empty(self) -> bool:
        return not (self.rows or self.sides or self.cells or self.whole or self.center)


def read_places(words: list[Word], first: int, last: int, ontology: Ontology) -> list[Phrase]:
    """The phrases of words[first:last], all of one polarity."""
    reader = (SideReader if ontology.laterality else GridReader)(words)
    for i in range(first, last):
        reader.take(i)
    reader.flush()
    return [p for p in reader.phrases if not p.empty]


class SideReader:
    """Phrases where sides are a notion of their own: lungs."""

    def __init__(self, words: list[Word]):
        self.words = words
        self.phrases: list[Phrase] = []
        self.now: Phrase | None = None
        self.joiner = ""  # the role since the last word of a place: "and", "comma", "of" or ""
        self.led_by = ""

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
        word = self.words[i]
        handler = getattr(self, "take_" + word.role.replace("-", "_"), None)
        if handler is not None:
            handler(i, word)
        elif word.role in ("and", "or", "comma"):
            self.join(word.role)
        elif word.role in ("stop", "contrast", "now", "past", "number", "many", "more", "not", "except"):
            self.flush()
            self.led_by = word.role
        elif word.role == "of" and not self.joiner:
            self.joiner = "of"

    def join(self, role: str) -> None:
        p = self.now
        if p is not None and role == "comma" and p.rows and p.sides and not p.closed:
            self.flush()
            self.led_by = "comma"
        else:
            self.joiner = "and" if role == "or" else role

    def take_row(self, i: int, word: Word) -> None:
        p = self.now
        if p is not None and (p.closed or p.cells or (p.sides and self.begins_anew(p, i))):
            self.flush()
        p = self.phrase(i)
        p.side_first |= bool(p.sides) and not p.rows
        p.rows.append(word.value)
        self.joiner = ""

    def begins_anew(self, p: Phrase, i: int) -> bool:
        """Whether the row at word i belongs to the next place: "upper left, lower right", "left and lower right"."""
        if (p.rows or p.whole) and not p.side_first:
            return True
        if self.joiner == "comma":
            return bool(p.rows)
        roles = [w.role for w in self.words[i + 1 : i + 5]]
        ends = [k for k, role in enumerate(roles) if role in ("organ", "comma", "stop", "finding", "place")]
        return self.joiner == "and" and "side" in roles[: ends[0] if ends else None]

    def take_place(self, i: int, word: Word) -> None:
        if self.now is not None and self.now.closed:
            self.flush()
        p = self.phrase(i)
        p.rows.append(word.value)
        p.closed = True
        self.joiner = ""

    def take_both_place(self, i: int, word: Word) -> None:
        self.flush()
        p = self.phrase(i)
        p.rows, p.sides, p.closed = [word.value], ["left", "right"], True

    def take_side(self, i: int, word: Word) -> None:
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
            if p.sides[-1] != word.value and not self.joiner:
                p.conflict = f"{p.sides[-1]} {word.value}"
            elif p.side_first and p.rows:
                self.flush()
        elif p is not None and p.rows and self.joiner == "and":
            self.flush()  # "upper lower and right lung": the first side is missing
        p = self.phrase(i)
        if word.value not in p.sides:
            p.sides.append(word.value)
        self.joiner = ""

    def next_has_rows(self, i: int) -> bool:
        """Whether the side at word i brings its own rows ("lower zone, left upper lobe")."""
        for word in self.words[i + 1 : i + 3]:
            if word.role == "row":
                return True
            if word.role in ("organ", "comma", "stop", "and"):
                return False
        return False

    def take_both(self, i: int, word: Word) -> None:
        p = self.now
        if p is not None and (p.sides or p.cells or (p.closed and self.joiner not in ("of", ""))):
            self.flush()
        p = self.phrase(i)
        p.sides = ["left", "right"]
        p.side_first = not p.rows
        p.closed = word.value == "each"  # "each lung" holds its noun
        self.joiner = ""

    def take_mostly(self, i: int, word: Word) -> None:
        """ "right worse than left": two sides side by side, none the other's contradiction."""
        if self.now is not None and self.now.sides:
            self.joiner = "and"

    take_least = take_most = take_mostly

    def take_laterality(self, i: int, word: Word) -> None:
        """ "bilateral lower zones", "lower zones bilaterally": both; otherwise the word says nothing of places."""
        following = self.words[i + 1].role if i + 1 < len(self.words) else ""
        p = self.now
        if word.value != "bilateral":
            return
        if p is not None and p.rows and not p.sides:
            p.sides, p.last = ["left", "right"], i
        elif following in ("row", "place"):
            self.take_both(i, word)

    def take_whole(self, i: int, word: Word) -> None:
        p = self.now
        named = p is not None and p.sides and not (p.rows or p.whole or p.closed or self.joiner)  # "left whole lung"
        if p is not None and (p.closed or p.sides or p.cells) and not named:
            self.flush()
        self.phrase(i).whole = True
        self.joiner = ""

    def take_cell(self, i: int, word: Word) -> None:
        if self.now is not None and not self.now.cells:
            self.flush()
        p = self.phrase(i)
        p.cells.append(word.value)
        self.joiner = ""

    def take_organ(self, i: int, word: Word) -> None:
        if self.now is not None and not self.now.empty:
            self.now.closed, self.now.last = True, i
            self.joiner = ""

    def take_finding(self, i: int, word: Word) -> None:
        p = self.now
        if p is None:
            return
        if p.whole and not (p.rows or p.sides):
            self.now = None  # "all areas"
        elif not p.empty:
            p.closed = True
            self.joiner = ""


class GridReader(SideReader):
    """Phrases where columns are only part of a place, and the items of a list are places: colonoscopy."""

    def take_row(self, i: int, word: Word) -> None:
        if self.now is not None and (self.joiner in ("and", "comma") or self.now.closed):
            self.flush()
        self.phrase(i).rows.append(word.value)
        self.joiner = ""

    def take_side(self, i: int, word: Word) -> None:
        if self.now is not None and (self.joiner in ("and", "comma") or self.now.closed):
            self.flush()
        p = self.phrase(i)
        if p.sides and p.sides[-1] != word.value:
            p.conflict = f"{p.sides[-1]} {word.value}"
        p.sides.append(word.value)
        self.joiner = ""

    def take_center(self, i: int, word: Word) -> None:
        if self.now is not None and (self.joiner in ("and", "comma") or self.now.closed):
            self.flush()
        self.phrase(i).center = True
        self.joiner = ""

    def take_anatomy(self, i: int, word: Word) -> None:
        """ "left colon" is a part of the bowel, not of the picture."""
        if self.now is not None:
            self.now.dropped = True
            self.flush()

    def take_finding(self, i: int, word: Word) -> None:
        """ "right ear polyp", "middle of donut polyp": words for the polyp's looks, not for its place."""
        if self.now is not None:
            self.now.dropped = self.now.loose
            self.now.closed = True

    def take_(self, i: int, word: Word) -> None:
        if self.now is not None and not self.now.closed:
            self.now.loose = True

    def take_both(self, i: int, word: Word) -> None:
        return

    take_whole = take_cell = take_laterality = take_mostly = take_least = take_most = take_both
