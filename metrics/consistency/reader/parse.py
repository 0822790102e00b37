"""Reading a prompt: count, sides, cells of the grid, and whether there is nothing to segment.

The reader applies rules to spaCy's tokens and needs no download. Every word gets a role from the ontology (`tokens`,
`roles`), describes a noun (`owners`), and is stated, denied, past or only possible (`scope`). The stated numbers and
places of findings are read (`counts`, `phrases`, `places`, `statements`) and yield the prompt's constraints. Words that
cannot be read are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from metrics.consistency.reader.absence import contradicts, denies_all, is_doubtful, unknown_stated
from metrics.consistency.reader.cleaning import Cleaned, clean
from metrics.consistency.reader.counts import Counted, pool, read_counts
from metrics.consistency.reader.explain import assertions_of, left_out_of, spans_of, unread_of
from metrics.consistency.reader.findings import Findings, Omission
from metrics.consistency.reader.intervals import Count
from metrics.consistency.reader.language import is_english
from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.consistency.reader.owners import things_of
from metrics.consistency.reader.phrases import Phrase
from metrics.consistency.reader.places import Places, add_up, read_places
from metrics.consistency.reader.reach import is_zero
from metrics.consistency.reader.roles import PLACE, settle
from metrics.consistency.reader.scope import DENIED, STATED, Scopes
from metrics.consistency.reader.statements import ELSEWHERE, finding_of, read_statements
from metrics.consistency.reader.tokens import Token, read_tokens
from metrics.errors import InputError

LONGEST = 5000  # characters read; a prompt is a sentence, and a megabyte of text must not stall a table


def parse(text: str, ontology: str = "chest") -> Findings:
    """The constraints that a prompt states.

    Args:
        text: any string; an empty one states nothing.
        ontology: "chest", "colonoscopy", or the path of a JSON file.

    Returns:
        The same object for the same text, because results are cached.

    Raises:
        InputError: the text is not a string, or the ontology is unknown or wrong.
    """
    if not isinstance(text, str):
        raise InputError(f"a prompt is a string, not {text!r}; give an empty one if there is no prompt")
    return _parse(text, ontology)


@lru_cache(maxsize=1 << 17)
def _parse(text: str, name: str) -> Findings:
    ontology = load_ontology(name)
    if not text.strip():
        return Findings(text, name)
    cleaned = clean(text[:LONGEST])
    if not is_english(cleaned.text, ontology):
        return Findings(text, name, left_out=(Omission((0, len(text)), text, "not in English"),))
    tokens, corrections = read_tokens(cleaned.text, name)
    tokens = settle(without_repeats(tokens))
    return Reading(text, cleaned, tokens, tuple(corrections), ontology).findings()


class Reading:
    """One text on its way from tokens to findings."""

    def __init__(
        self,
        text: str,
        cleaned: Cleaned,
        tokens: list[Token],
        corrections: tuple[tuple[str, str], ...],
        ontology: Ontology,
    ):
        self.text, self.cleaned, self.tokens, self.ontology = text, cleaned, tokens, ontology
        self.corrections = corrections
        self.things = things_of(tokens)
        scopes = Scopes(tokens)
        self.states, self.triggers = scopes.states, scopes.triggers
        for thing in self.things:
            if thing.kind != "finding":
                for k in range(thing.first, thing.last):
                    if self.states[k] == STATED and (tokens[k].role in COUNTED or tokens[k].role in PLACE):
                        self.states[k] = ELSEWHERE
        self.stated = [state == STATED for state in self.states]

    def findings(self) -> Findings:
        """All constraints of the text."""
        tokens, ontology = self.tokens, self.ontology
        counts, lungs = read_counts(tokens, self.stated)
        counts = counts or self.listed()
        number = pool(tokens, counts, self.cleaned.summary)
        number.sides = lungs
        phrases = [p for run in runs(self.states, STATED) for p in read_places(tokens, *run, ontology)]
        places = add_up(phrases, ontology)
        places.partial = bool(places.unread) or number.partial or singled_out(tokens, self.stated)
        denials = [(run, read_places(tokens, *run, ontology)) for run in runs(self.states, DENIED)]
        denied = add_up([p for _, group in denials for p in group], ontology)
        spared = {f"{row}-{side}" for p in denied.unread for row in p.rows for side in places.sides}
        places.cells -= denied.cells | spared  # "all left lung except the upper zone"
        absent, clash = self.absence(denials, number, places)
        if clash:
            return self.contradictory(clash)
        laterality, disputes = side_of(tokens, self.stated, places, number, ontology)
        everywhere = [*phrases, *(p for _, group in denials for p in group)]
        statements = read_statements(self.things, self.states, self.triggers, counts, everywhere)
        found = tuple(f for s in statements if (f := finding_of(s, tokens, ontology)) is not None)
        sizes = {t.value for t, sure in zip(tokens, self.stated, strict=True) if sure and t.role == "size"}
        regions = tuple(sorted(places.cells))
        spans = spans_of(tokens, self.stated, number, places)
        return Findings(
            text=self.text,
            ontology=ontology.name,
            count=number.count,
            laterality=laterality,
            regions=regions,
            open=open_cells(places, ontology),
            sizes=tuple(sorted(sizes)),
            absent=absent,
            denied=tuple(sorted(denied.cells | denied.open_sides)),
            conflicts=tuple([c for c in (number.conflict,) if c] + places.conflicts + disputes),
            unread=unread_of(self.text, self.cleaned, tokens, places, self.states),
            corrections=self.corrections,
            spans=spans,
            findings=found,
            assertions=assertions_of(number, laterality, regions, sizes, absent, spans, places),
            left_out=left_out_of(self.text, self.cleaned, tokens, self.states, self.triggers, self.things, places),
        )

    def listed(self) -> list[Count]:
        """The number of items in a numbered list of places: "opacities: 1. left upper zone 2. right lower zone"."""
        starts = self.cleaned.items
        if len(starts) < 2:
            return []
        first = -1
        for k, start in enumerate(starts):
            end = starts[k + 1] if k + 1 < len(starts) else len(self.cleaned.text)
            item = [i for i, t in enumerate(self.tokens) if start <= t.start < end and t.role != "stop"]
            placed = any(self.tokens[i].role in PLACE for i in item)
            if not placed or not all(self.stated[i] for i in item) or any(self.tokens[i].role in OTHERS for i in item):
                return []
            first = item[0] if first < 0 else first
        return [Count(len(starts), len(starts), first, first)]

    def absence(
        self, denials: list[tuple[tuple[int, int], list[Phrase]]], number: Counted, places: Places
    ) -> tuple[bool, str]:
        """Whether the text says that there is nothing to segment, and the words that contradict its findings."""
        tokens, stated = self.tokens, self.stated
        something = is_stated(tokens, stated, number, places)
        whole = [(run, denies_all(tokens, self.triggers, *run, group)) for run, group in denials]
        named = [t for t, sure in zip(tokens, stated, strict=True) if sure and t.role == "finding"]
        if something and (number.count != (0, 0)):
            for run, all_of_it in whole:
                clash = contradicts(tokens, *run, named, all_of_it)
                if clash:
                    return False, clash
        empty = number.count == (0, 0) or (any(w for _, w in whole) and not something)
        absent = empty and not cut_off(self.text) and not unknown_stated(tokens, self.states)
        absent = absent and not is_doubtful(tokens, self.states, self.triggers)
        zeros = [Count(0, 0, i, i) for i in range(len(tokens)) if self.states[i] == DENIED and is_zero(tokens, i)]
        if absent and zeros:
            number.count, number.used = (0, 0), tuple(zeros)
        return absent, ""

    def contradictory(self, clash: str) -> Findings:
        """The result for a text that states a finding and denies all: it has no constraints."""
        why = f"findings are stated, but also: {clash}"
        left_out = (Omission((0, len(self.text)), self.text, why),)
        return Findings(
            self.text, self.ontology.name, conflicts=(why,), corrections=self.corrections, left_out=left_out
        )


COUNTED = ("number", "many", "times", "laterality", "size", "finding")
OTHERS = ("other", "anatomy", "instrument")


def without_repeats(tokens: list[Token]) -> list[Token]:
    """The tokens without repeated sentences, so that the counts of a repeated prompt are not added."""
    out: list[Token] = []
    seen: set[tuple[str, ...]] = set()
    sentence: list[Token] = []
    for token in [*tokens, None]:
        if token is not None:
            sentence.append(token)
        if token is None or token.role == "stop":
            key = tuple(t.norm for t in sentence if t.role != "stop")
            if not key or key not in seen:
                out += sentence
            seen.add(key)
            sentence = []
    return out


def runs(states: list[str], state: str) -> Iterator[tuple[int, int]]:
    """(first, one past the last) of each run of tokens in this state."""
    start = None
    for i, now in enumerate([*states, ""]):
        if now == state and start is None:
            start = i
        elif now != state and start is not None:
            yield start, i
            start = None


def cut_off(text: str) -> bool:
    """Whether the text is too long to be read to its end."""
    return len(text.rstrip()) > LONGEST


def singled_out(tokens: list[Token], stated: list[bool]) -> bool:
    """Whether the named place is only one of several: "predominantly in the right lower lobe", "greater on the right".
    A comparison ("right larger than left") names both sides."""
    mostly = placed = compared = False
    for token, sure in [*zip(tokens, stated, strict=True), (None, False)]:
        if token is None or token.role == "stop":
            if mostly and placed and not compared:
                return True
            mostly = placed = compared = False
            continue
        mostly |= sure and token.role == "mostly"
        placed |= sure and token.role in PLACE and token.role not in ("both", "whole")
        compared |= token.role == "than" or token.norm.endswith("than")
    return False


def is_stated(tokens: list[Token], stated: list[bool], number: Counted, places: Places) -> bool:
    """Whether the text states any finding."""
    if number.count is not None or places.cells or places.open_sides:
        return True
    return any(sure and t.role in ("finding", "many", "laterality") for t, sure in zip(tokens, stated, strict=True))


def side_of(
    tokens: list[Token], stated: list[bool], places: Places, number: Counted, ontology: Ontology
) -> tuple[str | None, list[str]]:
    """Laterality and its contradictions; None if sides are not an axis of the ontology."""
    if not ontology.laterality:
        return None, []
    said = {t.value for t, sure in zip(tokens, stated, strict=True) if sure and t.role == "laterality"}
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
        return word, []  # not all places were read or named, so the named side may not be the only one
    return named or word, []


def open_cells(places: Places, ontology: Ontology) -> tuple[str, ...]:
    """Cells that the prompt leaves open although it names others."""
    if not places.cells:
        return ()
    if places.partial:
        return tuple(sorted(set(ontology.cells) - places.cells))
    return tuple(sorted(c for c in ontology.cells if c.split("-")[1] in places.open_sides and c not in places.cells))
