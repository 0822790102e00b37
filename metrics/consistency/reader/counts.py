"""How many lesions a text states."""

from __future__ import annotations

from dataclasses import dataclass, replace

from metrics.consistency.reader.intervals import AGAIN, STARTS, Count, interval
from metrics.consistency.reader.roles import PLACE, SENTENCE
from metrics.consistency.reader.tokens import Token

REACH = 8  # tokens between a number and the lesions it counts
BOUNDARY = (*SENTENCE, "comma", "now")


@dataclass(slots=True)
class Counted:
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


def read_counts(tokens: list[Token], stated: list[bool]) -> tuple[list[Count], str]:
    """Every number that counts lesions, in order, and "unilateral" or "bilateral" where one counts lungs."""
    counts: list[Count] = []
    sides, i = "", 0
    while i < len(tokens):
        if stated[i] and is_another(tokens, i):
            counts += implied(tokens, i, counts, stated)
        count = interval(tokens, i) if stated[i] and tokens[i].role in STARTS else None
        if count is None:
            i += 1
            continue
        what = counted(tokens, count, bool(counts))
        if what == "finding":
            counts += shared(tokens, count)
        elif what == "organ" and count.low == count.high in (1, 2):
            sides = "unilateral" if count.low == 1 else "bilateral"
        elif what == "part" and count.low == count.high == 1:
            sides = "unilateral"  # "one lobe"; two lobes may be of one lung
        i = count.last + 1
    return counts, sides


def pool(tokens: list[Token], counts: list[Count], summary: int | None) -> Counted:
    """One count for the text. A closing section repeats the findings, so its numbers are not added."""
    if summary is None:
        return together(tokens, counts)
    body, closing = ([c for c in counts if (tokens[c.first].start >= summary) == late] for late in (False, True))
    one, other = together(tokens, body), together(tokens, closing)
    if one.count is None or other.count is None or one.conflict or other.conflict:
        return one if one.count is not None or one.conflict else other
    if one.count != other.count:
        return Counted(conflict=f"counts {shown(tokens, body)} and {shown(tokens, closing)}")
    return replace(one, used=one.used + other.used)


def is_another(tokens: list[Token], i: int) -> bool:
    """Whether "another" at token i stands for one more lesion: "and another in the right lung"."""
    if tokens[i].norm not in AGAIN:
        return False
    following = tokens[i + 1].role if i + 1 < len(tokens) else "stop"
    return following in ("of", "finding", "with", *BOUNDARY) and tokens[i].norm != "second"


def implied(tokens: list[Token], i: int, counts: list[Count], stated: list[bool]) -> list[Count]:
    """A count of one for "another". If nothing was counted before, also one for the first lesion, if it has an article
    ("an opacity ... and another")."""
    again = Count(1, 1, i, i)
    if counts:
        return [again]
    first = next((k for k in range(i) if stated[k] and tokens[k].role == "finding"), -1)
    article = any(t.norm in ("a", "an") for t in tokens[max(0, first - 6) : max(first, 0)])
    return [Count(1, 1, first, first), again] if article else []


def counted(tokens: list[Token], count: Count, seen: bool) -> str:
    """What a number counts: "finding", "organ" (a lung), "part" (of a lung), or "" (a measure, a view or the like)."""
    before = tokens[count.first - 1] if count.first else None
    if before is not None and before.role in ("ordinal", "unit", "anatomy"):
        return ""  # "stage 2", "rib 8"
    after = tokens[count.last + 1 :]
    if tokens[count.first].role == "times":
        near = tokens[max(0, count.first - 3) : count.first] + after[:2]
        return "finding" if any(t.role == "finding" for t in near) else ""
    if after and after[0].role in ("unit", "hyphen"):
        return ""  # "12 mm", "two-lobe"
    bare = (before is None or before.role in BOUNDARY) and (not after or after[0].role in BOUNDARY)
    if bare:
        return "finding"
    for k, token in enumerate(after[:REACH]):
        following = after[k + 1] if k + 1 < len(after) else None
        if token.role == "finding":
            lungs = token.value == "adjective" and following is not None and following.value == "pair"
            if not lungs or any(t.role == "finding" for t in after[k + 1 : k + 3]):
                return "finding"
            return "organ"  # "two infected lungs"
        if token.role in ("study", "instrument", "other"):
            return ""  # "two views", "one view of the chest"
        if token.role == "organ":
            noun = following is not None and following.role == "finding" and following.value != "adjective"
            if any(t.role in PLACE for t in after[:k]) or noun:
                continue  # "two left upper zone opacities", "two lung lesions"
            if following is not None and following.role in ("study", "instrument"):
                return ""
            return "organ" if token.value == "pair" else "part"
        measure = token.role == "unit" and after[k - 1].role == "number"  # "one 12 mm nodule"
        if (token.role in BOUNDARY and not in_list(after, k)) or (token.role == "unit" and not measure):
            break
    # "two infected areas, one in the upper left lung and one in the lower right"; "zero left, two right"
    opens = before is None or before.role in BOUNDARY
    placed = seen and after and (after[0].role in ("of", "with") or only_place(after))
    return "finding" if placed or (opens and only_place(after)) else ""


def only_place(after: list[Token]) -> bool:
    """Whether nothing but a place follows a number, up to a boundary: "one upper left, one lower right"."""
    k = 0
    while k < len(after) and after[k].role in (*PLACE, "of", "organ"):
        k += 1
    return any(t.role in PLACE for t in after[:k]) and (k == len(after) or after[k].role in (*BOUNDARY, "and"))


def shared(tokens: list[Token], count: Count) -> list[Count]:
    """The count of both sides together: "one opacity in each lung" is two. With any other "each" there is none."""
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


def together(tokens: list[Token], counts: list[Count]) -> Counted:
    """One count: the one given; the first where the others add up to it; their sum over different places."""
    out = Counted()
    if not counts:
        return out
    ends = [(c.low, c.high) for c in counts]
    touching = any(a.last + 1 == b.first for a, b in zip(counts, counts[1:], strict=False))
    rest = total(counts[1:])
    sums = [c for c in counts if any(t.role == "total" for t in clause_of(tokens, c))]
    if len(sums) == 1:
        out.count, out.used = (sums[0].low, sums[0].high), tuple(sums)
    elif len(counts) == 1 or (len(counts) > 2 and ends[0] == rest) or is_repeated(tokens, counts):
        out.count, out.used = ends[0], tuple(counts)
    elif len(counts) > 2 and ends[-1] == total(counts[:-1]):
        out.count, out.used = ends[-1], tuple(counts)
    elif not touching and (spread(tokens, counts) or elliptic(tokens, counts)):
        out.count, out.used = total(counts), tuple(counts)
    elif rest[1] is not None and rest[1] < counts[0].low and lists_some(tokens, counts):
        out.count, out.used, out.partial = ends[0], tuple(counts), True
    else:
        out.conflict = f"counts {shown(tokens, counts)}"
    return out


def is_repeated(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether the same number is said again of the same lesions."""
    return len({(c.low, c.high) for c in counts}) == 1 and not spread(tokens, counts)


def shown(tokens: list[Token], counts: list[Count]) -> str:
    return " and ".join(" ".join(t.norm for t in tokens[c.first : c.last + 1]) for c in counts)


def total(counts: list[Count]) -> tuple[int, int | None]:
    highs = [c.high for c in counts]
    return sum(c.low for c in counts), None if None in highs else sum(h for h in highs if h is not None)


def spread(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether each number has a place of its own, before or after it, or the next is said to be another."""
    ends = [c.first for c in counts[1:]] + [len(tokens)]
    after = [tokens[c.last + 1 : end] for c, end in zip(counts, ends, strict=True)]
    starts = [0] + [c.last + 1 for c in counts[:-1]]
    before = [tokens[start : c.first] for c, start in zip(counts, starts, strict=True)]
    where = (*PLACE, "anatomy")
    if any(t.role == "more" for part in after for t in part) or any(tokens[c.first].norm in AGAIN for c in counts):
        return True
    return any(all(any(t.role in where for t in part) for part in parts) for parts in (after, before))


def lists_some(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether places are named for some of the lesions counted first: "three polyps, one in the upper left"."""
    first = tokens[counts[0].last + 1 : counts[1].first]
    placed = any(t.role in PLACE for t in first)
    return not placed and all(
        c.last + 1 < len(tokens) and tokens[c.last + 1].role in ("of", "with") for c in counts[1:]
    )


def elliptic(tokens: list[Token], counts: list[Count]) -> bool:
    """Whether the numbers share one noun: "two small and one large polyp"."""
    for a, b in zip(counts, counts[1:], strict=False):
        between = tokens[a.last + 1 : b.first]
        described = len(between) > 1 and between[-1].norm == "and"
        if not described or any(t.role not in ("size", "") for t in between[:-1]):
            return False
    return True
