"""Numbers with their bounds: "two", "at least two", "up to three", "two to three", "several"."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.consistency.reader.roles import CLAUSE
from metrics.consistency.reader.tokens import Token

STARTS = ("number", "many", "least", "most", "between", "times")
NEAR = 12  # tokens after a number in which "at most" still bounds it
AGAIN = ("another", "another one", "a second", "a third", "the second", "one more", "second")


@dataclass(frozen=True, slots=True)
class Count:
    """Fewest and most, and the indices `first` to `last` of their tokens."""

    low: int
    high: int | None
    first: int
    last: int


def interval(tokens: list[Token], i: int) -> Count | None:
    """The interval that begins at token i; None if a bound has no number."""
    role, value = tokens[i].role, tokens[i].value
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    if role == "many":
        return Count(2, None, i, i)
    if role == "times":
        return Count(int(value), int(value), i, i)
    if role in ("least", "most", "between"):
        if following is None or following.role != "number":
            return None
        if role == "between":
            return interval(tokens, i + 1)
        n, shift = int(following.value), int(value)
        return Count(n + shift, None, i, i + 1) if role == "least" else Count(0, max(0, n - shift), i, i + 1)
    return bounded_after(tokens, i)


def bounded_after(tokens: list[Token], i: int) -> Count:
    """The interval of a number and the bound after it: "3+", "three or more", "2-3", "two areas at most"."""
    n = int(tokens[i].value)
    ahead = tokens[i + 1 : i + 3]
    if ahead and ahead[0].norm == "+" and ahead[0].start == tokens[i].end:
        return Count(n, None, i, i + 1)
    if [t.norm for t in ahead] == ["or", "more"]:
        return Count(n, None, i, i + 2)
    if len(ahead) == 2 and ahead[1].role == "many" and ahead[0].norm in ("to", "-", "or"):
        return Count(n, None, i, i + 2)
    if len(ahead) == 2 and ahead[1].role == "number" and ahead[0].norm in ("to", "-", "or", "and"):
        other = int(ahead[1].value)
        if other > n and (ahead[0].norm != "and" or (i and tokens[i - 1].role == "between")):
            return Count(n, other, i, i + 2)
    k = i + 1
    while k < min(len(tokens), i + NEAR) and tokens[k].role not in CLAUSE:
        last = k + 1 == len(tokens) or tokens[k + 1].role in CLAUSE
        if last and tokens[k].role in ("least", "most") and tokens[k].value == "0":
            return Count(n, None, i, i) if tokens[k].role == "least" else Count(0, n, i, i)
        k += 1
    return Count(n, n, i, i)
