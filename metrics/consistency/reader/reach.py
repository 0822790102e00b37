"""How far the triggers of `scope` reach, back to the start of a clause and forward to its end."""

from __future__ import annotations

from metrics.consistency.reader.roles import ARTICLES, PLACE, SENTENCE
from metrics.consistency.reader.tokens import Token

CONTENT = ("number", "many", "times", "finding", "row", "side", "cell", "place", "both-place", "laterality", "center")
NOUNS = ("organ", "study", "other", "anatomy", "instrument")
RANGE = ("to", "-", "or", "and")
ENDS = ("none", "nil", "absent", "negative", "nothing", "zero", "0")


def next_of(tokens: list[Token], i: int, roles: tuple[str, ...]) -> int:
    """Index of the next token of these roles, or the end."""
    return next((k for k in range(i, len(tokens)) if tokens[k].role in roles), len(tokens))


def past_end(tokens: list[Token], i: int) -> int:
    """Where the past ends: at "now" in the same sentence, or else at the comma after a finding or noun."""
    end = next_of(tokens, i + 1, SENTENCE)
    now = next_of(tokens, i + 1, ("now",))
    if now < end:
        return now
    has_content = False
    for k in range(i + 1, end):
        has_content |= tokens[k].role in CONTENT or tokens[k].role in NOUNS
        if has_content and tokens[k].role == "comma":
            return k
    return end


def is_zero(tokens: list[Token], i: int) -> bool:
    """Whether token i is a zero that counts lesions, not part of a measure, a grade or a range such as "0-2"."""
    if tokens[i].role != "number" or tokens[i].value != "0":
        return False
    before, after = tokens[i - 1] if i else None, tokens[i + 1] if i + 1 < len(tokens) else None
    measures = before is not None and before.role in ("ordinal", "unit", "most", "least", "between")
    return not measures and not (after is not None and (after.role == "unit" or after.norm in RANGE))


def trend_end(tokens: list[Token], i: int) -> int:
    """One past the last token of "no significant change" or "no improvement", which deny nothing; 0 otherwise."""
    k = i + 1
    while k < len(tokens) and tokens[k].role == "degree":
        k += 1
    if k < len(tokens) and (tokens[k].role == "trend" or tokens[k].norm in ("change", "changes", "changed")):
        return k + 1
    return 0


def trailing_end(tokens: list[Token], i: int) -> int:
    """One past "is clear" and a place that follows: "clear bilaterally", "clear on both sides"."""
    k = i + 1
    if k < len(tokens) and (tokens[k].role in ("laterality", "both") or tokens[k].norm in ("on", "in", "at")):
        while k < len(tokens) and tokens[k].role in ("of", "organ", "laterality", *PLACE):
            k += 1
        if k == len(tokens) or tokens[k].role not in ("finding", ""):
            return k
    return i + 1


def denial_end(tokens: list[Token], i: int) -> int:
    """Where a denial ends: a full stop, "but", a comma unless a list with "or" continues, or a number after "and"."""
    if tokens[i].norm == "not" and i + 1 < len(tokens) and tokens[i + 1].role in ("number", "many"):
        k = i + 1  # "not two areas": there are areas, but their number is unknown
        while k < len(tokens) and (tokens[k].role in ("number", "many") or tokens[k].norm in RANGE):
            k += 1
        return k
    new = i + 1 < len(tokens) and tokens[i + 1].norm == "new"
    end = next_of(tokens, i + 1 + new, (*SENTENCE, "now", "except"))
    for k in range(i + 1, end):
        role = tokens[k].role
        if role == "comma" and not list_continues(tokens, k, end):
            return k
        is_new_number = role in ("number", "many") and tokens[k].value != "0" and k > i + 1
        if is_new_number and tokens[k - 1].role in ("and", "with", "comma", "of"):
            return k - 1
        if role == "with" and tokens[k].norm in ("with", "shows", "show", "has", "have") and k > i + 1:
            return k
    return end


def list_continues(tokens: list[Token], comma: int, end: int) -> bool:
    """Whether the list of a denial ("no a, b or c") continues after this comma."""
    for k, token in enumerate(tokens[comma + 1 : end]):
        if token.role in ("number", "many", "clear") or token.norm in ("shows", "with", "has"):
            return False
        if token.role == "or" or token.norm == "nor":
            return k < 12
    return False


def subject_start(tokens: list[Token], i: int, end: int) -> int:
    """Start of the place that a denial at i refers to: "left lung: no opacity", "on the right there is no ..."."""
    following = tokens[i + 1 : i + 3]
    contrasts = tokens[i].norm in ("not", "sparing") and any(t.role in PLACE for t in following[:1] + following[1:])
    start = clause_start(tokens, i)
    closes = tokens[i].norm in ENDS and (i + 1 == len(tokens) or tokens[i + 1].role in (*SENTENCE, "comma"))
    if closes and i and tokens[i - 1].norm == "(":
        start = clause_start(tokens, i - 1)  # "right lung (none)"
    if closes:  # "pneumonia left (+), right (-)": the place before the comma is not denied
        commas = [k for k in range(start, i) if tokens[k].role == "comma" and tokens[k].norm not in ":("]
        start = commas[-1] + 1 if commas else start
    if start == i and i and tokens[i - 1].role == "comma" and tokens[i - 1].norm == ",":
        start = clause_start(tokens, i - 1)  # "in the left lung, no infiltrate is seen"
        if tokens[start].norm not in ("in", "on", "at", "within"):
            return i
    subject = tokens[start:i]
    has_place = any(t.role in PLACE or t.role == "organ" for t in subject)
    if any(t.role in ("finding", "number", "many", "times", "laterality") for t in subject):
        return start if closes and tokens[i - 1].norm in (":", "-", "is", "are", "was", "were") else i
    return start if has_place and not contrasts else i


def clause_start(tokens: list[Token], i: int) -> int:
    """Start of the clause that ends before token i; a colon does not end a clause."""
    k = i
    while k > 0:
        before = tokens[k - 1]
        if before.role in (*SENTENCE, "now", "except"):
            break
        if before.role == "comma" and before.norm != ":" and not is_place_list(tokens, k - 1):
            break
        if before.role == "and" and any(t.role in ("number", "many", "finding") for t in clause_before(tokens, k - 1)):
            break
        k -= 1
    return k


def clause_before(tokens: list[Token], i: int) -> list[Token]:
    """The tokens before index i, back to the last boundary."""
    start = i
    while start > 0 and tokens[start - 1].role not in (*SENTENCE, "comma"):
        start -= 1
    return tokens[start:i]


def is_place_list(tokens: list[Token], comma: int) -> bool:
    """Whether a comma only separates rows or sides ("the upper, middle and lower zones are clear")."""
    rows = ("row", "side")
    return 0 < comma < len(tokens) - 1 and tokens[comma - 1].role in rows and tokens[comma + 1].role in rows


def exception_end(tokens: list[Token], i: int, end: int) -> int:
    """Where an exception ends and the denial begins: "apart from an opacity at the left base | the lungs are clear"."""
    comma = next_of(tokens, i + 1, ("comma",))
    if comma < end:
        return comma
    place = next((k for k in range(i, end) if tokens[k].role in PLACE), end)
    pairs = (k for k in range(place, end) if tokens[k].value == "pair" and tokens[k - 1].norm in (*ARTICLES, "both"))
    lungs = next(pairs, end)
    return lungs - 1 if lungs < end else end


def alternatives(tokens: list[Token], i: int) -> range:
    """The place around an "or" that names two sides or rows, of which one is meant; an empty range otherwise."""
    near = range(max(0, i - 2), min(len(tokens), i + 3))
    sides = [k for k in near if tokens[k].role in ("laterality", "both", "number")]
    if len(sides) > 1 and sides[0] < i < sides[-1] and any(tokens[k].role != "number" for k in sides):
        return near  # "unilateral or bilateral", "one or both lungs"
    before = next(
        (k for k in range(i - 1, max(-1, i - 5), -1) if tokens[k].role in ("side", "row", "cell", "place")), -1
    )
    after = next(
        (k for k in range(i + 1, min(len(tokens), i + 5)) if tokens[k].role in ("side", "row", "cell", "place")), -1
    )
    if before < 0 or after < 0 or tokens[before].value == tokens[after].value:
        return range(0)
    inside = ("or", "and", "of", "organ", "hyphen", "filler", *PLACE)
    first, last = before, after
    while first > 0 and tokens[first - 1].role in inside:
        first -= 1
    while last + 1 < len(tokens) and tokens[last + 1].role in inside:
        last += 1
    return range(first, last + 1)
