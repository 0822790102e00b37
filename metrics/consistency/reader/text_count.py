"""One count for a whole text, from the numbers that it states."""

from __future__ import annotations

from dataclasses import dataclass, replace

from metrics.consistency.reader.counts import clause_of
from metrics.consistency.reader.intervals import AGAIN, Count
from metrics.consistency.reader.roles import PLACE
from metrics.consistency.reader.tokens import Token


@dataclass(slots=True)
class TextCount:
    """The count of a text, or why there is none.

    Args:
        count: fewest and most; None if the text states none, or contradicts itself.
        used: the numbers it was made from.
        conflict: the contradiction.
        sides: "unilateral" or "bilateral" if a number counts lungs instead of lesions ("one lung").
        partial: whether places are named for some of the lesions only ("three polyps, one in the upper left").
    """

    count: tuple[int, int | None] | None = None
    used: tuple[Count, ...] = ()
    conflict: str = ""
    sides: str = ""
    partial: bool = False


def count_of_text(tokens: list[Token], counts: list[Count], summary: int | None) -> TextCount:
    """One count for the text. A closing section repeats the findings, so its numbers are not added.

    Args:
        tokens: of the text.
        counts: its numbers, in order.
        summary: character at which a closing section begins, or None.
    """
    if summary is None:
        return combine(tokens, counts)
    body, closing = ([c for c in counts if (tokens[c.first].start >= summary) == late] for late in (False, True))
    of_body, of_closing = combine(tokens, body), combine(tokens, closing)
    if of_body.count is None or of_closing.count is None or of_body.conflict or of_closing.conflict:
        return of_body if of_body.count is not None or of_body.conflict else of_closing
    if of_body.count != of_closing.count:
        return TextCount(conflict=f"counts {quoted(tokens, body)} and {quoted(tokens, closing)}")
    return replace(of_body, used=of_body.used + of_closing.used)


def combine(tokens: list[Token], counts: list[Count]) -> TextCount:
    """One count for several numbers.

    It is the only number; the one that the others add up to; or their sum, if they are of different places. Other
    numbers contradict each other.
    """
    if not counts:
        return TextCount()
    values = [(c.low, c.high) for c in counts]
    touching = any(a.last + 1 == b.first for a, b in zip(counts, counts[1:], strict=False))
    others = total(counts[1:])
    totals = [c for c in counts if any(t.role == "total" for t in clause_of(tokens, c))]
    if len(totals) == 1:
        return TextCount((totals[0].low, totals[0].high), tuple(totals))
    if len(counts) == 1 or (len(counts) > 2 and values[0] == others) or is_repeated(tokens, counts):
        return TextCount(values[0], tuple(counts))
    if len(counts) > 2 and values[-1] == total(counts[:-1]):
        return TextCount(values[-1], tuple(counts))
    if not touching and (have_own_places(tokens, counts) or share_noun(tokens, counts)):
        return TextCount(total(counts), tuple(counts))
    if others[1] is not None and others[1] < counts[0].low and lists_some(tokens, counts):
        return TextCount(values[0], tuple(counts), partial=True)
    return TextCount(conflict=f"counts {quoted(tokens, counts)}")


def is_repeated(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether the same number is said again of the same lesions."""
    return len({(c.low, c.high) for c in counts}) == 1 and not have_own_places(tokens, counts)


def quoted(tokens: list[Token], counts: list[Count]) -> str:
    """The words of the numbers, joined by "and"."""
    return " and ".join(" ".join(t.norm for t in tokens[c.first : c.last + 1]) for c in counts)


def total(counts: list[Count]) -> tuple[int, int | None]:
    """The sum of the numbers: fewest and most, the latter None if one is unbounded."""
    highs = [c.high for c in counts]
    return sum(c.low for c in counts), None if None in highs else sum(h for h in highs if h is not None)


def have_own_places(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether each number has a place of its own, before or after it, or the next is said to be another."""
    ends = [c.first for c in counts[1:]] + [len(tokens)]
    after = [tokens[c.last + 1 : end] for c, end in zip(counts, ends, strict=True)]
    starts = [0] + [c.last + 1 for c in counts[:-1]]
    before = [tokens[start : c.first] for c, start in zip(counts, starts, strict=True)]
    place = (*PLACE, "anatomy")
    if any(t.role == "more" for part in after for t in part) or any(tokens[c.first].norm in AGAIN for c in counts):
        return True
    return any(all(any(t.role in place for t in part) for part in parts) for parts in (after, before))


def lists_some(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether places are named for some of the lesions counted first: "three polyps, one in the upper left"."""
    first = tokens[counts[0].last + 1 : counts[1].first]
    placed = any(t.role in PLACE for t in first)
    return not placed and all(
        c.last + 1 < len(tokens) and tokens[c.last + 1].role in ("of", "with") for c in counts[1:]
    )


def share_noun(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether the numbers share one noun: "two small and one large polyp"."""
    for a, b in zip(counts, counts[1:], strict=False):
        between = tokens[a.last + 1 : b.first]
        described = len(between) > 1 and between[-1].norm == "and"
        if not described or any(t.role not in ("size", "") for t in between[:-1]):
            return False
    return True
