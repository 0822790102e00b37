"""The numbers of a text that count lesions."""

from __future__ import annotations

from dataclasses import replace

from metrics.consistency.reader.intervals import AGAIN, STARTS, Count, interval
from metrics.consistency.reader.roles import PLACE, SENTENCE
from metrics.consistency.reader.tokens import Token

REACH = 8  # tokens between a number and the lesions it counts
BOUNDARY = (*SENTENCE, "comma", "now")


def read_counts(tokens: list[Token], stated: list[bool]) -> tuple[list[Count], str]:
    """Every number that counts lesions, in order, and "unilateral" or "bilateral" where one counts lungs."""
    counts: list[Count] = []
    sides, i = "", 0
    while i < len(tokens):
        if stated[i] and is_another(tokens, i):
            counts += counts_of_another(tokens, i, counts, stated)
        count = interval(tokens, i) if stated[i] and tokens[i].role in STARTS else None
        if count is None:
            i += 1
            continue
        kind = counted(tokens, count, bool(counts))
        if kind == "finding":
            counts += per_side(tokens, count)
        elif kind == "organ" and count.low == count.high in (1, 2):
            sides = "unilateral" if count.low == 1 else "bilateral"
        elif kind == "part" and count.low == count.high == 1:
            sides = "unilateral"  # "one lobe"; two lobes may be of one lung
        i = count.last + 1
    return counts, sides


def is_another(tokens: list[Token], i: int) -> bool:
    """Whether "another" at token i stands for one more lesion: "and another in the right lung"."""
    if tokens[i].norm not in AGAIN:
        return False
    following = tokens[i + 1].role if i + 1 < len(tokens) else "stop"
    return following in ("of", "finding", "with", *BOUNDARY) and tokens[i].norm != "second"


def counts_of_another(tokens: list[Token], i: int, counts: list[Count], stated: list[bool]) -> list[Count]:
    """A count of one for "another". If nothing was counted before, also one for the first lesion, if it has an article
    ("an opacity ... and another")."""
    again = Count(1, 1, i, i)
    if counts:
        return [again]
    first = next((k for k in range(i) if stated[k] and tokens[k].role == "finding"), -1)
    article = any(t.norm in ("a", "an") for t in tokens[max(0, first - 6) : max(first, 0)])
    return [Count(1, 1, first, first), again] if article else []


def counted(tokens: list[Token], count: Count, has_earlier: bool) -> str:
    """What a number counts: "finding", "organ" (a lung), "part" (of a lung), or "" (a measure, a view or the like).

    Args:
        tokens: of the text.
        count: the number.
        has_earlier: whether other numbers came before it.
    """
    before = tokens[count.first - 1] if count.first else None
    if before is not None and before.role in ("ordinal", "unit", "anatomy"):
        return ""  # "stage 2", "rib 8"
    after = tokens[count.last + 1 :]
    if tokens[count.first].role == "times":
        near = tokens[max(0, count.first - 3) : count.first] + after[:2]
        return "finding" if any(t.role == "finding" for t in near) else ""
    if after and after[0].role in ("unit", "hyphen"):
        return ""  # "12 mm", "two-lobe"
    opens = before is None or before.role in BOUNDARY
    if opens and (not after or after[0].role in BOUNDARY):
        return "finding"
    noun = counted_noun(after)
    if noun is not None:
        return noun
    # "two infected areas, one in the upper left lung and one in the lower right"; "zero left, two right"
    places_follow = bool(after) and (after[0].role in ("of", "with") or only_place(after))
    return "finding" if (has_earlier and places_follow) or (opens and only_place(after)) else ""


def counted_noun(after: list[Token]) -> str | None:
    """What the first noun after a number says that it counts, as in `counted`; None if there is no noun in reach."""
    for k, token in enumerate(after[:REACH]):
        following = after[k + 1] if k + 1 < len(after) else None
        if token.role == "finding":
            describes_lungs = token.value == "adjective" and following is not None and following.value == "pair"
            if not describes_lungs or any(t.role == "finding" for t in after[k + 1 : k + 3]):
                return "finding"
            return "organ"  # "two infected lungs"
        if token.role in ("study", "instrument", "other"):
            return ""  # "two views", "one view of the chest"
        if token.role == "organ":
            describes_finding = following is not None and following.role == "finding" and following.value != "adjective"
            if any(t.role in PLACE for t in after[:k]) or describes_finding:
                continue  # "two left upper zone opacities", "two lung lesions"
            if following is not None and following.role in ("study", "instrument"):
                return ""
            return "organ" if token.value == "pair" else "part"
        measure = token.role == "unit" and after[k - 1].role == "number"  # "one 12 mm nodule"
        if (token.role in BOUNDARY and not in_list(after, k)) or (token.role == "unit" and not measure):
            return None
    return None


def only_place(after: list[Token]) -> bool:
    """Whether nothing but a place follows a number, up to a boundary: "one upper left, one lower right"."""
    k = 0
    while k < len(after) and after[k].role in (*PLACE, "of", "organ"):
        k += 1
    return any(t.role in PLACE for t in after[:k]) and (k == len(after) or after[k].role in (*BOUNDARY, "and"))


def per_side(tokens: list[Token], count: Count) -> list[Count]:
    """The count, doubled if it is of each side: "one opacity in each lung" is two. None with any other "each"."""
    clause = clause_of(tokens, count)
    if any(t.role == "both" and t.value == "each" for t in clause):
        return [replace(count, low=2 * count.low, high=None if count.high is None else 2 * count.high)]
    return [] if any(t.norm in ("each", "every", "per") for t in clause) else [count]


def clause_of(tokens: list[Token], count: Count) -> list[Token]:
    """The tokens around a count, up to a comma, a full stop or another number."""
    start, end = count.first, count.last + 1
    while start > 0 and tokens[start - 1].role not in (*BOUNDARY, "number", "many"):
        start -= 1
    while end < len(tokens) and tokens[end].role not in (*BOUNDARY, "number", "many"):
        end += 1
    return tokens[start:end]


def in_list(after: list[Token], comma: int) -> bool:
    """Whether a comma lies between adjectives: "two small, medium white polyps"."""
    if after[comma].role != "comma" or any(t.role in PLACE for t in after[:comma]):
        return False
    for token in after[comma + 1 : comma + 5]:
        if token.role in ("finding", *BOUNDARY, *PLACE, "number"):
            return token.role == "finding" and after[comma - 1].role in ("size", "")
    return False
