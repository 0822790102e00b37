"""Which noun each token describes: a finding that is segmented, another finding, other anatomy, or an instrument.

The words before a noun, back to the last "and", comma or preposition, describe it. So do the words after it, up to
those that describe the next noun.
"""

from __future__ import annotations

from dataclasses import dataclass

from metrics.consistency.reader.roles import ARTICLES, HEADS, PLACE, SENTENCE
from metrics.consistency.reader.tokens import Token

DESCRIBING = (  # roles of the words that can describe the noun after them
    "number",
    "many",
    "size",
    "hyphen",
    "organ",
    "laterality",
    "degree",
    "filler",
    "",
    "ongoing",
    "mostly",
    "more",
    *PLACE,
)


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """A noun of the text and the tokens that describe it.

    Args:
        kind: "finding" (to be segmented), "other" (another finding), "anatomy", "instrument" or "unknown".
        head: index of the noun, or -1 if there is none.
        first, last: indices of the first of these tokens, and of the token after the last.
    """

    kind: str
    head: int
    first: int
    last: int


def noun_phrases_of(tokens: list[Token]) -> list[NounPhrase]:
    """The noun phrases of a text in order; every token but the full stops belongs to one.

    A sentence without a noun describes the finding, unless it has words without a role.
    """
    noun_phrases: list[NounPhrase] = []
    start = 0
    for end in range(len(tokens) + 1):
        if end == len(tokens) or tokens[end].role in SENTENCE:
            if end > start:
                noun_phrases += noun_phrases_of_sentence(tokens, start, end)
            start = end + 1
    return noun_phrases


def noun_phrases_of_sentence(tokens: list[Token], start: int, end: int) -> list[NounPhrase]:
    """The noun phrases of the sentence tokens[start:end]."""
    groups = noun_groups(tokens, start, end)
    if not groups:
        return [NounPhrase("finding" if is_bare(tokens, start, end) else "unknown", -1, start, end)]
    noun_phrases: list[NounPhrase] = []
    first = start
    for k, (kind, head, _) in enumerate(groups):
        if k + 1 == len(groups):
            noun_phrases.append(NounPhrase(kind, head, first, end))
            break
        boundary = description_start(tokens, groups[k + 1][2], groups[k][1] + 1)
        noun_phrases.append(NounPhrase(kind, head, first, boundary))
        first = boundary
    return share_tail(tokens, noun_phrases)


def noun_groups(tokens: list[Token], start: int, end: int) -> list[tuple[str, int, int]]:
    """(kind, index of the noun, index of its first word) of each noun in tokens[start:end].

    Adjacent nouns are one ("rib fractures"), and so is "fracture of the clavicle". Anatomy that only says where a
    finding is ("opacity along the right fissure") is skipped.
    """
    groups: list[tuple[str, int, int]] = []
    for i in range(start, end):
        token = tokens[i]
        if token.role not in HEADS or (token.value == "adjective" and describes(tokens, i, end)):
            continue
        kind = token.role
        if groups:
            before, head, first = groups[-1]
            gap = tokens[head + 1 : i]
            if all(t.role == "hyphen" for t in gap):
                kind = before if kind == "finding" or before == "instrument" else kind
                groups[-1] = (kind, i, first)
                continue
            if gap[0].norm == "of" and kind != "finding" and all(t.role in (*DESCRIBING, "of") for t in gap):
                groups[-1] = (kind if before == "finding" else before, i, first)
                continue
            if before == "finding" and kind == "anatomy" and (token.value == "inside" or is_landmark(gap)):
                continue
        groups.append((kind, i, i))
    return groups


def describes(tokens: list[Token], i: int, end: int) -> bool:
    """Whether an adjective such as "infected" stands before the noun that it describes."""
    k = i + 1
    while k < end and tokens[k].role in ("", "organ", "hyphen") and tokens[k].norm != "is":
        k += 1
    return k < end and k <= i + 2 and tokens[k].role == "finding" and tokens[k].value != "adjective"


def is_landmark(gap: list[Token]) -> bool:
    """Whether the words between a finding and other anatomy only say where the finding is."""
    return any(t.role == "relation" for t in gap) and not any(t.role in ("and", "comma", "not", "clear") for t in gap)


def description_start(tokens: list[Token], head: int, least: int) -> int:
    """Where the words before the noun at `head` that describe it begin, not before `least`."""
    k = head
    while k > least and tokens[k - 1].role in DESCRIBING and not is_verb(tokens[k - 1]):
        k -= 1
    while k > least and tokens[k - 1].norm in ARTICLES:
        k -= 1
        while k > least and tokens[k - 1].role in ("number", "many", "whole", "both"):
            k -= 1
    # a denial just before the noun is included, so that "no opacity" stays together
    return k - 1 if k > least and tokens[k - 1].role in ("not", "hedge", "past") else k


def is_verb(token: Token) -> bool:
    """Whether the token is a verb that ends a description, although it has no role."""
    return token.norm in ("was", "were", "be", "been", "seen", "noted", "located", "involved", "appears", "appear")


def is_bare(tokens: list[Token], start: int, end: int) -> bool:
    """Whether a sentence without a noun names a place and has only words with a role: "upper left lung"."""
    sentence = tokens[start:end]
    if any(t.role == "study" for t in sentence) and not any(
        t.role in ("organ", "row", "place", "cell") for t in sentence
    ):
        return False  # "right AP view"
    return not any(t.role == "" and t.norm.isalpha() and len(t.norm) > 3 for t in sentence)


def share_tail(tokens: list[Token], noun_phrases: list[NounPhrase]) -> list[NounPhrase]:
    """Assign words after joined nouns to the finding among them: "consolidation and effusion at the left base"."""
    for k in range(len(noun_phrases) - 1, 0, -1):
        before, noun_phrase = noun_phrases[k - 1], noun_phrases[k]
        if before.kind != "finding" or noun_phrase.kind != "other":
            continue
        between = tokens[before.head + 1 : noun_phrase.head]
        has_place = any(t.role in PLACE for t in tokens[before.first : noun_phrase.head])
        is_joined = between and all(t.role in ("and", "or", "comma", "", "filler") for t in between)
        if is_joined and not has_place and noun_phrase.head + 1 < noun_phrase.last:
            noun_phrases[k - 1] = NounPhrase("finding", before.head, before.first, noun_phrase.head)
            noun_phrases[k : k + 1] = [
                NounPhrase(noun_phrase.kind, noun_phrase.head, noun_phrase.head, noun_phrase.head + 1),
                NounPhrase("finding", before.head, noun_phrase.head + 1, noun_phrase.last),
            ]
    return noun_phrases
