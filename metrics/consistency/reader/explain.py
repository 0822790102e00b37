"""Explains a reading: the characters and the rule of each constraint, and the words left out, with the reason."""

from __future__ import annotations

from collections.abc import Iterable

from metrics.consistency.reader.cleaning import Cleaned
from metrics.consistency.reader.findings import Assertion, Omission, Span
from metrics.consistency.reader.owners import NounPhrase
from metrics.consistency.reader.places import Places
from metrics.consistency.reader.roles import PLACE
from metrics.consistency.reader.scope import DENIED, PAST, POSSIBLE
from metrics.consistency.reader.text_count import TextCount
from metrics.consistency.reader.tokens import Token

REASON_OF_STATE = {DENIED: "denied by {}", PAST: "past, by {}", POSSIBLE: "only possible, by {}"}
CONTENT_ROLES = ("number", "many", "times", "finding", "laterality", "size", *PLACE)


def spans_of(tokens: list[Token], stated: list[bool], count: TextCount, places: Places) -> dict[str, tuple[Span, ...]]:
    """Axis -> the spans of characters it was read from."""
    spans: dict[str, list[Span]] = {"laterality": [], "size": [], "denied": [], "past": []}
    for token, is_stated in zip(tokens, stated, strict=True):
        axis = AXIS_OF_ROLE.get(token.role)
        if axis is not None and (is_stated or axis in ("denied", "past")):
            spans[axis].append((token.start, token.end))
    spans_by_axis = {
        "count": tuple((tokens[c.first].start, tokens[c.last].end) for c in count.used),
        "regions": tuple((tokens[p.first].start, tokens[p.last].end) for p in places.used),
        **{axis: tuple(of_axis) for axis, of_axis in spans.items()},
    }
    return {axis: of_axis for axis, of_axis in spans_by_axis.items() if of_axis}


AXIS_OF_ROLE = {
    "laterality": "laterality",
    "side": "laterality",
    "both": "laterality",
    "size": "size",
    "not": "denied",
    "clear": "denied",
    "except": "denied",
    "past": "past",
    "ago": "past",
}


def assertions_of(
    count: TextCount,
    laterality: str | None,
    regions: tuple[str, ...],
    sizes: Iterable[str],
    absent: bool,
    spans: dict[str, tuple[Span, ...]],
    places: Places,
) -> tuple[Assertion, ...]:
    """Each constraint with its spans and the rule that read it."""
    out = []
    if count.count is not None:
        low, high = count.count
        value = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
        rule = "a number of lesions" if len(count.used) < 2 else "numbers of lesions, added up or repeated"
        out.append(Assertion("count", value, spans.get("count", ()), rule))
    if laterality is not None:
        rule = "the sides of the places named" if places.sides else "a word for one side or both"
        where = spans.get("laterality") or spans.get("regions", ())
        out.append(Assertion("laterality", laterality, where, rule))
    if regions:
        out.append(Assertion("regions", ", ".join(regions), spans.get("regions", ()), "rows and sides of one place"))
    for size in sorted(sizes):
        out.append(Assertion("size", size, spans.get("size", ()), "a word for a size"))
    if absent:
        rule = "all findings are denied, or the lungs or the image said to be clear"
        out.append(Assertion("absent", "nothing to segment", spans.get("denied", ()), rule))
    return tuple(out)


def unread_of(text: str, cleaned: Cleaned, tokens: list[Token], places: Places, states: list[str]) -> tuple[str, ...]:
    """Places that could not be read, sides of other anatomy, and a note if the end of a long text was not read."""
    out = [text[tokens[p.first].start : tokens[p.last].end] for p in places.unread]
    out += [
        text[t.start : t.end]
        for t, state in zip(tokens, states, strict=True)
        if state == "elsewhere" and t.role in ("side", "row", "both", "laterality")
    ]
    if len(text.rstrip()) > len(cleaned.text):
        out.append(f"everything after the first {len(cleaned.text)} of {len(text)} characters")
    return tuple(out)


def left_out_of(
    text: str,
    cleaned: Cleaned,
    tokens: list[Token],
    states: list[str],
    triggers: list[int],
    noun_phrases: list[NounPhrase],
    places: Places,
) -> tuple[Omission, ...]:
    """Words that could have been a constraint but are not, in the order of the text."""
    out = [Omission((start, end), text[start:end], why) for start, end, why in cleaned.left_out]
    for k, (token, state) in enumerate(zip(tokens, states, strict=True)):
        if state in REASON_OF_STATE and token.role in CONTENT_ROLES and k != triggers[k]:
            cause = tokens[triggers[k]]
            trigger = text[cause.start : cause.end].lower() if triggers[k] >= 0 else ""
            out.append(
                Omission(
                    (token.start, token.end),
                    text[token.start : token.end],
                    REASON_OF_STATE[state].format(repr(trigger)),
                )
            )
    for noun_phrase in noun_phrases:
        if noun_phrase.kind == "finding":
            continue
        noun = (
            f"describes {tokens[noun_phrase.head].norm!r}"
            if noun_phrase.head >= 0
            else "describes a word without a role"
        )
        for token, state in zip(
            tokens[noun_phrase.first : noun_phrase.last], states[noun_phrase.first : noun_phrase.last], strict=True
        ):
            if state == "elsewhere":
                out.append(Omission((token.start, token.end), text[token.start : token.end], noun))
    for phrase in places.unread:
        start, end = tokens[phrase.first].start, tokens[phrase.last].end
        out.append(Omission((start, end), text[start:end], phrase.conflict or "a place without a side"))
    if len(text.rstrip()) > len(cleaned.text):
        why = f"only the first {len(cleaned.text)} characters are read"
        out.append(Omission((len(cleaned.text), len(text)), text[len(cleaned.text) :], why))
    return tuple(sorted(out, key=lambda o: o.span))
