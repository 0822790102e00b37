"""Prompt -> what it states: count, sides, cells of the grid, and whether there is nothing to segment.

Rules over spaCy's tokens, no download: every word gets a role from the ontology (`words`), scopes say what is asserted
(`scope`), and the numbers and places that are asserted are read (`counts`, `places`). What cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from metrics.consistency.counts import Counted, read_count
from metrics.consistency.findings import Findings
from metrics.consistency.ontology import Ontology, load_ontology
from metrics.consistency.places import Phrase, Places, add_up, read_places
from metrics.consistency.scope import ASSERTED, DENIED, scopes
from metrics.consistency.words import Word, read_words

LIMITS = ("row", "side", "cell", "place", "both-place", "center")


def parse(text: str, ontology: str = "chest") -> Findings:
    """What a prompt states.

    Args:
        text: any string; an empty one states nothing.
        ontology: "chest", "colonoscopy", or the name of another file in `ontologies/`.

    Returns:
        The same object for the same text: texts are read once and kept.

    Raises:
        InputError: the ontology is unknown.
    """
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
    denials = [(run, read_places(words, *run, ontology)) for run in runs(states, DENIED)]
    denied = add_up([p for _, found in denials for p in found], ontology)
    spared = {f"{row}-{side}" for p in denied.unread for row in p.rows for side in places.sides}
    places.cells -= denied.cells | spared  # "all left lung except the upper zone"
    absent = number.count == (0, 0) or (
        not stated(words, asserted, number, places) and any(denies_all(words[a:b], found) for (a, b), found in denials)
    )
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
        unread=tuple(text[words[p.first].start : words[p.last].end] for p in places.unread),
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


def stated(words: list[Word], asserted: list[bool], number: Counted, places: Places) -> bool:
    """Whether anything is asserted to be there."""
    if number.count is not None or places.cells or places.open_sides:
        return True
    return any(sure and w.role in ("finding", "many", "laterality") for w, sure in zip(words, asserted, strict=True))


def denies_all(words: list[Word], places: list[Phrase]) -> bool:
    """Whether a denial speaks of the whole picture: a finding, lung or study, and no one place."""
    about = any(w.role in ("finding", "organ", "study", "clear") for w in words)
    everywhere = all(len(set(p.sides)) == 2 and not p.rows for p in places)
    return about and (everywhere or not any(w.role in LIMITS for w in words))


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
    if word == "bilateral" and named in ("left", "right") and not places.unread:
        return None, [f"bilateral, but only {named} is named"]
    torn = any(p.conflict for p in places.unread)
    if word == "bilateral" or (named in ("left", "right") and places.unread and (torn or word is None)):
        return word, []  # with a place unread, the one side that was read may not be the only one
    return named or word, []


def open_cells(places: Places, ontology: Ontology) -> tuple[str, ...]:
    """Cells left open although others are named."""
    if not places.cells:
        return ()
    if places.unread:
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
