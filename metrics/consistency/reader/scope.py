"""Which words of a text are asserted, and which are denied, excepted or of the past (NegEx, Chapman et al. 2001)."""

from __future__ import annotations

from metrics.consistency.reader.tokens import Word

ASSERTED, DENIED, PAST = "asserted", "denied", "past"
HARD = ("stop", "contrast")
CONTENT = ("number", "many", "finding", "row", "side", "cell", "place", "both-place", "laterality", "center")
ABOUT = ("organ", "study", "aside", "anatomy")
PLACE = ("row", "side", "cell", "place", "both-place", "both", "center")
RANGE = ("to", "-", "or", "and")


def scopes(words: list[Word]) -> list[str]:
    """For every word ASSERTED, DENIED or PAST; what is said of change ("no improvement") counts as past."""
    out = [ASSERTED] * len(words)
    for i, word in enumerate(words):
        if word.role == "past":
            mark(out, range(i, past_end(words, i)), PAST)
        elif (word.role == "not" or is_zero(words, i)) and out[i] == ASSERTED:
            unchanged = trend_end(words, i)
            mark(out, range(i, unchanged or denial_end(words, i)), PAST if unchanged else DENIED)
        elif word.role == "clear" and any(w.norm in ("not", "n't") for w in words[max(0, i - 2) : i]):
            mark(out, range(i, i + 1), PAST)  # "have not resolved"
        elif word.role == "clear":
            start = clause_start(words, i)
            said = any(w.role in CONTENT or w.role in ABOUT for w in words[start:i])
            # "the left lung is clear", but "clear lungs"
            mark(out, range(start, trailing_end(words, i)) if said else range(i, denial_end(words, i)), DENIED)
    for i, word in enumerate(words):
        if word.role == "except":
            # what is excepted from a denial is asserted, and the other way round
            flipped = ASSERTED if i and out[i - 1] == DENIED else DENIED
            for k in range(i, next_of(words, i + 1, HARD)):
                out[k] = flipped
    return out


def mark(out: list[str], where: range, state: str) -> None:
    for k in where:
        if out[k] == ASSERTED:
            out[k] = state


def next_of(words: list[Word], i: int, roles: tuple[str, ...]) -> int:
    """Index of the next word of these roles, or the end."""
    return next((k for k in range(i, len(words)) if words[k].role in roles), len(words))


def past_end(words: list[Word], i: int) -> int:
    """Up to "now" in the same sentence, or else to the comma after something has been said."""
    end = next_of(words, i + 1, HARD)
    now = next_of(words, i + 1, ("now",))
    if now < end:
        return now
    said = False
    for k in range(i + 1, end):
        said |= words[k].role in CONTENT
        if said and words[k].role == "comma":
            return k
    return end


def is_zero(words: list[Word], i: int) -> bool:
    """Whether word i is a zero that counts lesions: no measure, no grade, and not the low end of "0-2"."""
    if words[i].role != "number" or words[i].value != "0":
        return False
    before, after = words[i - 1] if i else None, words[i + 1] if i + 1 < len(words) else None
    measures = before is not None and before.role in ("ordinal", "unit", "most", "least", "between")
    return not measures and not (after is not None and (after.role == "unit" or after.norm in RANGE))


def trend_end(words: list[Word], i: int) -> int:
    """One past the last word of "no significant change" or "no improvement", which deny nothing; 0 for any other."""
    k = i + 1
    while k < len(words) and words[k].role == "degree":
        k += 1
    if k < len(words) and (words[k].role == "trend" or words[k].norm in ("change", "changes")):
        return k + 1
    return 0


def trailing_end(words: list[Word], i: int) -> int:
    """One past "is clear" and a place said after it: "clear bilaterally", "clear on both sides"."""
    k = i + 1
    if k < len(words) and (words[k].role in ("laterality", "both") or words[k].norm in ("on", "in", "at")):
        while k < len(words) and words[k].role in ("of", "organ", "laterality", *PLACE):
            k += 1
        if k == len(words) or words[k].role not in ("finding", ""):
            return k
    return i + 1


def denial_end(words: list[Word], i: int) -> int:
    """Up to a full stop, "but", or a comma that no list with "or" goes on after; a number after "and" opens anew."""
    if words[i].norm == "not" and i + 1 < len(words) and words[i + 1].role in ("number", "many"):
        k = i + 1  # "not two areas": there are areas, as many as is not said
        while k < len(words) and (words[k].role in ("number", "many") or words[k].norm in RANGE):
            k += 1
        return k
    new = i + 1 < len(words) and words[i + 1].norm == "new"
    end = next_of(words, i + 1 + new, (*HARD, "now", "except"))
    for k in range(i + 1, end):
        role = words[k].role
        if role == "comma" and not goes_on(words, k, end):
            return k
        fresh = role in ("number", "many") and words[k].value != "0" and k > i + 1
        if fresh and words[k - 1].role in ("and", "with", "comma", "of"):
            return k - 1
        if role == "with" and words[k].norm in ("with", "shows", "show", "has", "have") and k > i + 1:
            return k
    return end


def goes_on(words: list[Word], comma: int, end: int) -> bool:
    """Whether the list that a denial opens ("no a, b or c") goes on after this comma."""
    following = words[comma + 1 : end]
    for k, word in enumerate(following):
        if word.role in ("number", "many", "clear") or word.norm in ("shows", "with", "has"):
            return False
        if word.role == "or" or word.norm == "nor":
            return k < 12
    return False


def clause_start(words: list[Word], i: int) -> int:
    """Where the clause that ends in "is clear" begins."""
    k = i
    while k > 0:
        role = words[k - 1].role
        if role in (*HARD, "now", "except") or (role == "comma" and not place_list(words, k - 1)):
            break
        if role == "and" and any(w.role in ("number", "many", "finding") for w in clause_before(words, k - 1)):
            break
        k -= 1
    return k


def clause_before(words: list[Word], i: int) -> list[Word]:
    """The words before index i, back to the last boundary."""
    start = i
    while start > 0 and words[start - 1].role not in (*HARD, "comma"):
        start -= 1
    return words[start:i]


def place_list(words: list[Word], comma: int) -> bool:
    """Whether a comma only separates rows or sides ("the upper, middle and lower zones are clear")."""
    rows = ("row", "side")
    return 0 < comma < len(words) - 1 and words[comma - 1].role in rows and words[comma + 1].role in rows
