"""How many lesions a text states."""

from __future__ import annotations

from dataclasses import dataclass, replace

from metrics.consistency.reader.tokens import Word

REACH = 8  # words between a number and the lesions it counts
BOUNDARY = ("comma", "stop", "contrast", "now")
PLACES = ("row", "side", "cell", "place", "both-place", "center", "both", "whole")


@dataclass(frozen=True)
class Count:
    """Fewest and most, and the words `first` to `last` (indices) it was read from."""

    low: int
    high: int | None
    first: int
    last: int


@dataclass
class Counted:
    """The count of a text, or why there is none; and "one lung", which is a side and not a count.

    `partial`: places are listed for some of the lesions only ("three polyps, one in the upper left").
    """

    count: tuple[int, int | None] | None = None
    used: tuple[Count, ...] = ()
    conflict: str = ""
    sides: str = ""
    partial: bool = False


def read_count(words: list[Word], asserted: list[bool]) -> Counted:
    """The asserted counts put together: one; the first where the others add up to it; their sum over named places."""
    found: list[Count] = []
    out, i = Counted(), 0
    while i < len(words):
        if not asserted[i] or words[i].role not in ("number", "many", "least", "most", "between"):
            i += 1
            continue
        count = interval(words, i)
        if count is None:
            i += 1
            continue
        what = counted(words, count, bool(found))
        if what == "finding":
            found += shared(words, count)
        elif what == "organ" and count.low == count.high in (1, 2):
            out.sides = "unilateral" if count.low == 1 else "bilateral"
        elif what == "part" and count.low == count.high == 1:
            out.sides = "unilateral"  # "one lobe"; two lobes may be of one lung
        i = count.last + 1
    return together(words, found, out)


def interval(words: list[Word], i: int) -> Count | None:
    """The interval that begins at word i: "two", "at least two", "up to three", "two to three", "several"."""
    role, value = words[i].role, words[i].value
    if role == "many":
        return Count(2, None, i, i)
    if role in ("least", "most"):
        if i + 1 >= len(words) or words[i + 1].role != "number":
            return None
        n, shift = int(words[i + 1].value), int(value)
        return Count(n + shift, None, i, i + 1) if role == "least" else Count(0, max(0, n - shift), i, i + 1)
    if role == "between":
        return interval(words, i + 1) if i + 1 < len(words) and words[i + 1].role == "number" else None
    n = int(value)
    if i + 1 < len(words) and words[i + 1].norm == "+" and words[i + 1].start == words[i].end:
        return Count(n, None, i, i + 1)  # "3+"
    if i + 3 < len(words) and [w.norm for w in words[i + 1 : i + 3]] == ["or", "more"]:
        return Count(n, None, i, i + 2)
    if i + 2 < len(words) and words[i + 2].role == "number" and words[i + 1].norm in ("to", "-", "or", "and"):
        other = int(words[i + 2].value)
        if other > n and (words[i + 1].norm != "and" or (i and words[i - 1].role == "between")):
            return Count(n, other, i, i + 2)
    return Count(n, n, i, i)


def counted(words: list[Word], count: Count, seen: bool) -> str:
    """What a number counts: "finding", "organ" (a lung), "part" of one, or "" for a measure, a view, or another."""
    before = words[count.first - 1] if count.first else None
    if before is not None and before.role in ("ordinal", "unit"):
        return ""
    after = words[count.last + 1 :]
    if after and after[0].role in ("unit", "hyphen"):
        return ""  # "12 mm", "two-lobe"
    bare = (before is None or before.role in BOUNDARY) and (not after or after[0].role in BOUNDARY)
    if bare:
        return "finding"
    for k, word in enumerate(after[:REACH]):
        following = after[k + 1] if k + 1 < len(after) else None
        if word.role == "finding":
            lungs = word.value == "adjective" and following is not None and following.value == "pair"
            if not lungs or any(w.role == "finding" for w in after[k + 1 : k + 3]):
                return "finding"
            return "organ"  # "two infected lungs"
        if word.role == "study":
            return ""  # "two views", "one view of the chest"
        if word.role == "organ":
            if any(w.role in PLACES for w in after[:k]) or (following is not None and following.role == "finding"):
                continue  # "two left upper zone opacities", "two lung lesions"
            if following is not None and following.role == "study":
                return ""
            return "organ" if word.value == "pair" else "part"
        measure = word.role == "unit" and after[k - 1].role == "number"  # "one 12 mm nodule"
        if (word.role in BOUNDARY and not in_list(after, k)) or (word.role == "unit" and not measure):
            break
    # "two infected areas, one in the upper left lung and one in the lower right"; "zero left, two right"
    opens = before is None or before.role in BOUNDARY
    return "finding" if (seen and after and after[0].role == "of") or (opens and only_place(after)) else ""


def only_place(after: list[Word]) -> bool:
    """Whether nothing but a side or a cell stands between a number and the end of its clause."""
    k = 0
    while k < len(after) and after[k].role in PLACES:
        k += 1
    return k > 0 and (k == len(after) or after[k].role in BOUNDARY)


def shared(words: list[Word], count: Count) -> list[Count]:
    """The count as it is for both sides together: "one opacity in each lung" is two; any other "each" leaves it out."""
    clause = clause_of(words, count)
    if any(w.role == "both" and w.value == "each" for w in clause):
        return [replace(count, low=2 * count.low, high=None if count.high is None else 2 * count.high)]
    return [] if any(w.norm in ("each", "every", "per") for w in clause) else [count]


def clause_of(words: list[Word], count: Count) -> list[Word]:
    """The words around a count, up to a comma, a full stop or another number."""
    start, end = count.first, count.last + 1
    while start > 0 and words[start - 1].role not in (*BOUNDARY, "number", "many"):
        start -= 1
    while end < len(words) and words[end].role not in (*BOUNDARY, "number", "many"):
        end += 1
    return words[start:end]


def in_list(words: list[Word], comma: int) -> bool:
    """Whether a comma lies between adjectives: "two small, medium white polyps"."""
    if words[comma].role != "comma" or any(w.role in PLACES for w in words[:comma]):
        return False
    for word in words[comma + 1 : comma + 5]:
        if word.role in ("finding", *BOUNDARY, *PLACES, "number"):
            return word.role == "finding" and words[comma - 1].role in ("size", "")
    return False


def together(words: list[Word], found: list[Count], out: Counted) -> Counted:
    """One count out of all."""
    if not found:
        return out
    ends = [(c.low, c.high) for c in found]
    touching = any(a.last + 1 == b.first for a, b in zip(found, found[1:], strict=False))
    rest = total(found[1:])
    sums = [c for c in found if any(w.role == "total" for w in clause_of(words, c))]
    if len(sums) == 1:
        out.count, out.used = (sums[0].low, sums[0].high), tuple(sums)
    elif len(found) == 1 or (len(found) > 2 and ends[0] == rest) or (len(set(ends)) == 1 and not spread(words, found)):
        out.count, out.used = ends[0], tuple(found)
    elif not touching and (spread(words, found) or elliptic(words, found)):
        out.count, out.used = total(found), tuple(found)
    elif rest[1] is not None and rest[1] < found[0].low and lists_some(words, found):
        out.count, out.used, out.partial = ends[0], tuple(found), True
    else:
        numbers = " and ".join(" ".join(w.norm for w in words[c.first : c.last + 1]) for c in found)
        out.conflict = f"counts {numbers}"
    return out


def total(found: list[Count]) -> tuple[int, int | None]:
    highs = [c.high for c in found]
    return sum(c.low for c in found), None if None in highs else sum(h for h in highs if h is not None)


def spread(words: list[Word], found: list[Count]) -> bool:
    """Whether each number has a place of its own before the next, or the next is said to be another."""
    ends = [c.first for c in found[1:]] + [len(words)]
    parts = [words[c.last + 1 : end] for c, end in zip(found, ends, strict=True)]
    return all(any(w.role in PLACES for w in part) for part in parts) or any(
        w.role == "more" for part in parts for w in part
    )


def lists_some(words: list[Word], found: list[Count]) -> bool:
    """Whether places are told of some of the lesions counted first: "three polyps, one in the upper left"."""
    first = words[found[0].last + 1 : found[1].first]
    placed = any(w.role in PLACES for w in first)
    return not placed and all(c.last + 1 < len(words) and words[c.last + 1].role == "of" for c in found[1:])


def elliptic(words: list[Word], found: list[Count]) -> bool:
    """Whether the numbers share one noun: "two small and one large polyp"."""
    for a, b in zip(found, found[1:], strict=False):
        between = words[a.last + 1 : b.first]
        described = len(between) > 1 and between[-1].norm == "and"
        if not described or any(w.role not in ("size", "") for w in between[:-1]):
            return False
    return True
