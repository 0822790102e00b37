"""Prompt -> what it states: count, sides, cells of the grid, and whether there is nothing to segment.

Rules over spaCy's tokens, no download: every word gets a role from the ontology (`words`), scopes say what is asserted
(`scope`), and the numbers and places that are asserted are read (`counts`, `places`). What cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from metrics.consistency.reader.counts import Count, Counted, read_count
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.consistency.reader.phrases import Phrase, read_places
from metrics.consistency.reader.places import Places, add_up
from metrics.consistency.reader.scope import ASSERTED, DENIED, is_zero, scopes
from metrics.consistency.reader.tokens import CLAUSE, LONGEST, Word, read_words
from metrics.errors import InputError

LIMITS = ("row", "side", "cell", "place", "both-place", "center")
SUBJECTS = ("finding", "organ", "study", "anatomy")
SILENT = ("with", "of", "and", "comma", "filler", "degree", "now", "laterality", "both", "stop")
NOTHING = ("none", "nothing", "nil")


def parse(text: str, ontology: str = "chest") -> Findings:
    """What a prompt states.

    Args:
        text: any string; an empty one states nothing.
        ontology: "chest", "colonoscopy", or the name of another file in `ontologies/`.

    Returns:
        The same object for the same text: texts are read once and kept.

    Raises:
        InputError: the text is no string, or the ontology is unknown.
    """
    if not isinstance(text, str):
        raise InputError(f"a prompt is a string, not {text!r}; give an empty one where there is no prompt")
    return _parse(text, ontology)


@lru_cache(maxsize=1 << 17)
def _parse(text: str, name: str) -> Findings:
    ontology = load_ontology(name)
    if not text.strip():
        return Findings(text, name)
    words, corrections = read_words(text, name)
    states = scopes(words)
    asserted = [state == ASSERTED for state in states]
    number = read_count(words, asserted)
    places = add_up([p for run in runs(states, ASSERTED) for p in read_places(words, *run, ontology)], ontology)
    places.partial = bool(places.unread) or number.partial or singled_out(words, asserted)
    denials = [(run, read_places(words, *run, ontology)) for run in runs(states, DENIED)]
    denied = add_up([p for _, found in denials for p in found], ontology)
    spared = {f"{row}-{side}" for p in denied.unread for row in p.rows for side in places.sides}
    places.cells -= denied.cells | spared  # "all left lung except the upper zone"
    all_denied = any(denies_all(words[a:b], found) for (a, b), found in denials)
    empty = number.count == (0, 0) or (all_denied and not stated(words, asserted, number, places))
    absent = empty and not cut_off(text) and not unknown(words, asserted)
    zeros = [Count(0, 0, i, i) for i in range(len(words)) if states[i] == DENIED and is_zero(words, i)]
    if absent and zeros:
        number.count, number.used = (0, 0), tuple(zeros)
    laterality, disputes = side_of(words, asserted, places, number, ontology)
    return Findings(
        text=text,
        ontology=name,
        count=number.count,
        laterality=laterality,
        regions=tuple(sorted(places.cells)),
        open=open_cells(places, ontology),
        sizes=tuple(sorted({w.value for w, sure in zip(words, asserted, strict=True) if sure and w.role == "size"})),
        absent=absent,
        denied=tuple(sorted(denied.cells | denied.open_sides)),
        conflicts=tuple([c for c in (number.conflict,) if c] + places.conflicts + disputes),
        unread=unread(text, words, places),
        corrections=tuple(corrections),
        spans=spans_of(words, asserted, number, places),
    )


def runs(states: list[str], state: str) -> Iterator[tuple[int, int]]:
    """(first, one past the last) of every stretch of words in this state."""
    start = None
    for i, now in enumerate([*states, ""]):
        if now == state and start is None:
            start = i
        elif now != state and start is not None:
            yield start, i
            start = None


def cut_off(text: str) -> bool:
    """Whether the end of a long text is not looked at."""
    return len(text.rstrip()) > LONGEST


def singled_out(words: list[Word], asserted: list[bool]) -> bool:
    """Whether a place is named as one of more: "predominantly in the right lower lobe", "greater on the right"."""
    mostly = placed = False
    for word, sure in zip(words, asserted, strict=True):
        if word.role == "stop":
            mostly = placed = False
        mostly |= sure and word.role == "mostly" and not word.norm.endswith("than")
        placed |= sure and word.role in LIMITS
        if mostly and placed:
            return True
    return False


def stated(words: list[Word], asserted: list[bool], number: Counted, places: Places) -> bool:
    """Whether anything is asserted to be there."""
    if number.count is not None or places.cells or places.open_sides:
        return True
    return any(sure and w.role in ("finding", "many", "laterality") for w, sure in zip(words, asserted, strict=True))


def denies_all(words: list[Word], places: list[Phrase]) -> bool:
    """Whether a denial speaks of the whole picture: a finding, lung or study, or nothing at all, and no one place."""
    if any(w.norm == "new" for w in words):
        return False  # "no new opacity": there may be old ones
    about = any(w.role in SUBJECTS and not of_aside(words, i) for i, w in enumerate(words))
    bare = all(w.role in (*SILENT, "clear") or w.norm in NOTHING for w in words)
    everywhere = all(len(set(p.sides)) == 2 and not p.rows for p in places)
    return (about or bare) and (everywhere or not any(w.role in LIMITS for w in words))


def of_aside(words: list[Word], i: int) -> bool:
    """Whether the subject at word i is one of other anatomy: "cardiac abnormality", "abnormality of the heart"."""
    k = i + 1
    while k < len(words) and words[k].role == "of":
        k += 1
    after = k > i + 1 and k < len(words) and words[k].role == "aside"
    return after or (i > 0 and words[i - 1].role == "aside")


def unknown(words: list[Word], asserted: list[bool]) -> bool:
    """Whether something is asserted that no lexicon knows ("Fibrosis. No pneumonia."): it may be a lesion."""
    clause: list[tuple[Word, bool]] = []
    for word, sure in [*zip(words, asserted, strict=True), (Word("", 0, 0, "stop"), True)]:
        if word.role not in CLAUSE:
            clause.append((word, sure))
            continue
        known = any(w.role in ("aside", "ordinal", "study") for w, _ in clause)
        if not known and any(sure and w.role == "" and w.norm.isalpha() for w, sure in clause):
            return True
        clause = []
    return False


def unread(text: str, words: list[Word], places: Places) -> tuple[str, ...]:
    """Places that could not be read, sides of something else, and how much of a long text was not looked at."""
    out = [text[words[p.first].start : words[p.last].end] for p in places.unread]
    out += [text[w.start : w.end] for w in words if w.role == "elsewhere"]
    if cut_off(text):
        out.append(f"all after the first {LONGEST} of {len(text)} characters")
    return tuple(out)


def side_of(
    words: list[Word], asserted: list[bool], places: Places, number: Counted, ontology: Ontology
) -> tuple[str | None, list[str]]:
    """Laterality, and what disputes it; the ontology may know no sides."""
    if not ontology.laterality:
        return None, []
    said = {w.value for w, sure in zip(words, asserted, strict=True) if sure and w.role == "laterality"}
    said |= {number.sides} if number.sides and not places.sides else set()
    if len(said) > 1:
        return None, ["bilateral and unilateral"]
    word = next(iter(said), None)
    named = "bilateral" if len(places.sides) == 2 else next(iter(places.sides), None)
    if word == "unilateral" and named == "bilateral":
        return None, ["unilateral, but left and right are named"]
    if word == "bilateral" and named in ("left", "right") and not places.partial:
        return None, [f"bilateral, but only {named} is named"]
    torn = any(p.conflict for p in places.unread)
    if word == "bilateral" or (named in ("left", "right") and places.partial and (torn or word is None)):
        return word, []  # where not all places are read or told, the one side that is named may not be the only one
    return named or word, []


def open_cells(places: Places, ontology: Ontology) -> tuple[str, ...]:
    """Cells left open although others are named."""
    if not places.cells:
        return ()
    if places.partial:
        return tuple(sorted(set(ontology.cells) - places.cells))
    return tuple(sorted(c for c in ontology.cells if c.split("-")[1] in places.open_sides and c not in places.cells))


def spans_of(
    words: list[Word], asserted: list[bool], number: Counted, places: Places
) -> dict[str, tuple[tuple[int, int], ...]]:
    """axis -> characters it was read from."""
    out = {
        "count": tuple((words[c.first].start, words[c.last].end) for c in number.used),
        "regions": tuple((words[p.first].start, words[p.last].end) for p in places.used),
        "laterality": tuple(
            (w.start, w.end)
            for w, sure in zip(words, asserted, strict=True)
            if sure and w.role in ("laterality", "side", "both")
        ),
        "size": tuple((w.start, w.end) for w, sure in zip(words, asserted, strict=True) if sure and w.role == "size"),
        "denied": tuple((w.start, w.end) for w in words if w.role in ("not", "clear", "except")),
        "past": tuple((w.start, w.end) for w in words if w.role == "past"),
    }
    return {axis: found for axis, found in out.items() if found}
