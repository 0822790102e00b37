"""Roles that depend on the neighbours: "L" in "L upper zone" is a side, "both areas" are two."""

from __future__ import annotations

from dataclasses import replace

from metrics.consistency.reader.tokens import Token

SENTENCE = ("stop", "contrast")
CLAUSE = (*SENTENCE, "comma")
PLACE = ("row", "side", "cell", "place", "both-place", "center", "both", "whole")
HEADS = ("finding", "other", "anatomy", "instrument")
ARTICLES = ("a", "an", "the", "its", "this", "that")


def settle(tokens: list[Token]) -> list[Token]:
    """The tokens with the roles that they have in this text."""
    out = list(tokens)
    for i, token in enumerate(out):
        rule = RULES.get(token.role)
        if rule is not None:
            out[i] = rule(out, i)
    return out


def settle_initial(tokens: list[Token], i: int) -> Token:
    """An initial is a side before a row, a lobe, a lung or a colon, and in pairs such as "L and R", "L > R"."""
    token = tokens[i]
    ahead = [t.role for t in tokens[i + 1 : i + 3]]
    behind = [t.role for t in tokens[max(0, i - 2) : i]]
    paired = ("and", "least", "mostly")
    if token.norm == "l" and ahead[:1] == ["organ"] and behind[-1:] == ["comma"] and tokens[i - 1].norm == ":":
        return replace(token, role="row", value="lower")  # "R: L zone"
    side = (
        ahead[:1] in (["row"], ["place"], ["organ"], ["whole"], ["cell"])
        or (i + 1 < len(tokens) and tokens[i + 1].norm == ":")
        or (len(ahead) == 2 and ahead[0] in paired and ahead[1] in ("initial", "side"))
        or (len(behind) == 2 and behind[1] in paired and behind[0] == "side")
    )
    return replace(token, role="side" if side else "", value=token.value if side else "")


def settle_letter(tokens: list[Token], i: int) -> Token:
    """ "U" and "M" are rows in "L: U+M zones", and have no role elsewhere."""
    k = i + 1
    while k < len(tokens) and (tokens[k].role in ("and", "letter", "comma") or tokens[k].norm == "l"):
        k += 1
    zones = k < len(tokens) and tokens[k].role == "organ" and not tokens[k].value
    return replace(tokens[i], role="row" if zones else "", value=tokens[i].value if zones else "")


def settle_both(tokens: list[Token], i: int) -> Token:
    """ "Both" is the number two in "both areas"; in "both upper left and lower right" it only announces two places."""
    token = tokens[i]
    if token.value:
        return token
    if token.norm == "either" and "or" in [t.role for t in tokens[i : i + 8]]:
        return token
    k = i + 1
    if k < len(tokens) and tokens[k].role == "finding" and not leads_to_organ(tokens, k):
        return replace(token, role="number", value="2") if token.norm == "both" else replace(token, role="filler")
    while k < len(tokens) and tokens[k].role in ("row", "hyphen"):
        k += 1
    announces = k < len(tokens) and (tokens[k].role == "side" or (k == i + 1 and tokens[k].norm == "the"))
    return replace(token, role="filler") if announces and leads_to_side(tokens, k) else token


def leads_to_organ(tokens: list[Token], i: int) -> bool:
    """Whether the finding at i only describes an organ: "infected lungs"."""
    return tokens[i].value == "adjective" and i + 1 < len(tokens) and tokens[i + 1].role == "organ"


def leads_to_side(tokens: list[Token], i: int) -> bool:
    """Whether a side comes at i, or after articles and rows from there."""
    while i < len(tokens) and (tokens[i].norm in ARTICLES or tokens[i].role in ("row", "hyphen")):
        i += 1
    return i < len(tokens) and tokens[i].role == "side"


def settle_whole(tokens: list[Token], i: int) -> Token:
    """ "All" has no role before a number: "all three areas"."""
    counts = i + 1 < len(tokens) and tokens[i + 1].role == "number"
    return replace(tokens[i], role="filler") if counts else tokens[i]


def settle_each(tokens: list[Token], i: int) -> Token:
    """ "Each" names both sides before a zone: "each apex", "each lower lobe"."""
    k = i + 1
    while k < len(tokens) and tokens[k].role in ("row", "organ") and tokens[k].value != "pair":
        k += 1
    zone = k < len(tokens) and tokens[k].role == "place"
    zone |= k > i + 2 and tokens[k - 1].role == "organ" and tokens[i + 1].role == "row"
    zone |= k == i + 2 and k < len(tokens) and tokens[k].value == "pair" and tokens[i + 1].role == "row"
    return replace(tokens[i], role="both" if zone else "", value="each" if zone else "")


def settle_place(tokens: list[Token], i: int) -> Token:
    """ "The bases", "the apices" are those of both sides if no side is named."""
    token = tokens[i]
    if token.norm not in ("bases", "apices", "hila"):
        return token
    start, end = i, i
    while start > 0 and tokens[start - 1].role not in CLAUSE:
        start -= 1
    while end < len(tokens) and tokens[end].role not in CLAUSE:
        end += 1
    sided = any(t.role in ("side", "both", "cell", "laterality", "initial") for t in tokens[start:end])
    return token if sided else replace(token, role="both-place")


def settle_row(tokens: list[Token], i: int) -> Token:
    """ "Below the fold", "above the diaphragm" are relations to a structure, not rows of the image."""
    if tokens[i].norm not in ("above", "below"):
        return tokens[i]
    k = i + 1
    while k < len(tokens) and (tokens[k].norm in ARTICLES or tokens[k].role in ("side", "", "degree")):
        k += 1
    beside = k < len(tokens) and tokens[k].role in HEADS
    return replace(tokens[i], role="relation", value="") if beside else tokens[i]


def settle_stop(tokens: list[Token], i: int) -> Token:
    """A question mark at the start of a clause or before a word is a hedge: "?RLL pneumonia", "? left base"."""
    token = tokens[i]
    if token.norm != "?" or i + 1 == len(tokens) or tokens[i + 1].norm == ")":
        return token
    opens = i == 0 or tokens[i - 1].role in CLAUSE
    return replace(token, role="hedge") if opens or tokens[i + 1].start == token.end else token


def settle_region(tokens: list[Token], i: int) -> Token:
    """A region is a place in "the right hilar region", "bilateral hilar regions"; "two left regions" are lesions."""
    token = tokens[i]
    if token.norm not in ("region", "regions", "area", "areas") or not i:
        return token
    k = i
    while k > 0 and tokens[k - 1].role in (*PLACE, "", "laterality", "hyphen", "and"):
        k -= 1
    before = tokens[k - 1] if k else None
    counted = before is not None and before.role in ("number", "many")
    within = before is not None and before.role == "of" and before.norm not in ("a", "an") and k < i
    placed = tokens[i - 1].role in PLACE or within
    return replace(token, role="organ", value="") if placed and not counted else token


RULES = {
    "finding": settle_region,
    "initial": settle_initial,
    "letter": settle_letter,
    "both": settle_both,
    "whole": settle_whole,
    "row": settle_row,
    "place": settle_place,
    "each": settle_each,
    "stop": settle_stop,
}
