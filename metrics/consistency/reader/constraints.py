"""From the tokens of a text to its constraints."""

from __future__ import annotations

from collections.abc import Iterator

from metrics.consistency.reader.absence import contradicts, denies_all, is_doubtful, unknown_stated
from metrics.consistency.reader.cleaning import Cleaned
from metrics.consistency.reader.counts import read_counts
from metrics.consistency.reader.explain import assertions_of, left_out_of, spans_of, unread_of
from metrics.consistency.reader.findings import Findings, Omission
from metrics.consistency.reader.intervals import Count
from metrics.consistency.reader.laterality import laterality_of, names_main_place_only, open_cells
from metrics.consistency.reader.ontology import Ontology
from metrics.consistency.reader.owners import noun_phrases_of
from metrics.consistency.reader.phrases import Phrase
from metrics.consistency.reader.places import Places, places_of, read_places
from metrics.consistency.reader.reach import is_zero
from metrics.consistency.reader.roles import PLACE
from metrics.consistency.reader.scope import DENIED, STATED, Scopes
from metrics.consistency.reader.statements import ELSEWHERE, finding_of, read_statements
from metrics.consistency.reader.text_count import TextCount, count_of_text
from metrics.consistency.reader.tokens import Token

LONGEST = 5000  # characters read; a prompt is a sentence, and a megabyte of text must not stall a table
COUNTED = ("number", "many", "times", "laterality", "size", "finding")
OTHER_NOUNS = ("other", "anatomy", "instrument")

Run = tuple[int, int]  # index of a run's first token, and of the one after its last
Denial = tuple[Run, list[Phrase]]  # denied tokens, and the places among them


class ReadText:
    """A text whose tokens have their roles, nouns and states.

    Args:
        text: as given.
        cleaned: the part that is read.
        tokens: of the cleaned text, with settled roles.
        corrections: (as written, as read) of misspelled words.
        ontology: of the text.
    """

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
        self.noun_phrases = noun_phrases_of(tokens)
        scopes = Scopes(tokens)
        self.states, self.triggers = scopes.states, scopes.triggers
        for noun_phrase in self.noun_phrases:
            if noun_phrase.kind != "finding":
                for k in range(noun_phrase.first, noun_phrase.last):
                    if self.states[k] == STATED and (tokens[k].role in COUNTED or tokens[k].role in PLACE):
                        self.states[k] = ELSEWHERE
        self.stated = [state == STATED for state in self.states]

    def findings(self) -> Findings:
        """All constraints of the text."""
        tokens, ontology = self.tokens, self.ontology
        counts, sides_counted = read_counts(tokens, self.stated)
        counts = counts or self.count_of_list()
        count = count_of_text(tokens, counts, self.cleaned.summary)
        count.sides = sides_counted
        phrases = [p for run in runs(self.states, STATED) for p in read_places(tokens, *run, ontology)]
        denials = [(run, read_places(tokens, *run, ontology)) for run in runs(self.states, DENIED)]
        denied_phrases = [p for _, in_run in denials for p in in_run]
        denied = places_of(denied_phrases, ontology)
        places = self.stated_places(phrases, denied, count)
        absent, contradiction = self.absence(denials, count, places)
        if contradiction:
            return self.contradictory(contradiction)
        laterality, side_conflicts = laterality_of(tokens, self.stated, places, count, ontology)
        statements = read_statements(self.noun_phrases, self.states, self.triggers, counts, [*phrases, *denied_phrases])
        found = [finding_of(statement, tokens, ontology) for statement in statements]
        sizes = {t.value for t, is_stated in zip(tokens, self.stated, strict=True) if is_stated and t.role == "size"}
        regions = tuple(sorted(places.cells))
        spans = spans_of(tokens, self.stated, count, places)
        return Findings(
            text=self.text,
            ontology=ontology.name,
            count=count.count,
            laterality=laterality,
            regions=regions,
            open=open_cells(places, ontology),
            sizes=tuple(sorted(sizes)),
            absent=absent,
            denied=tuple(sorted(denied.cells | denied.open_sides)),
            conflicts=(*([count.conflict] if count.conflict else []), *places.conflicts, *side_conflicts),
            unread=unread_of(self.text, self.cleaned, tokens, places, self.states),
            corrections=self.corrections,
            spans=spans,
            findings=tuple(finding for finding in found if finding is not None),
            assertions=assertions_of(count, laterality, regions, sizes, absent, spans, places),
            left_out=left_out_of(
                self.text, self.cleaned, tokens, self.states, self.triggers, self.noun_phrases, places
            ),
        )

    def stated_places(self, phrases: list[Phrase], denied: Places, count: TextCount) -> Places:
        """The places of the stated phrases, without the denied ones: "all left lung except the upper zone"."""
        places = places_of(phrases, self.ontology)
        only_main = names_main_place_only(self.tokens, self.stated)
        places.partial = bool(places.unread) or count.partial or only_main
        spared = {f"{row}-{side}" for phrase in denied.unread for row in phrase.rows for side in places.sides}
        places.cells -= denied.cells | spared
        return places

    def count_of_list(self) -> list[Count]:
        """The number of items in a numbered list of places: "opacities: 1. left upper zone 2. right lower zone"."""
        starts = self.cleaned.items
        if len(starts) < 2:
            return []
        first = -1
        for k, start in enumerate(starts):
            end = starts[k + 1] if k + 1 < len(starts) else len(self.cleaned.text)
            item = [i for i, t in enumerate(self.tokens) if start <= t.start < end and t.role != "stop"]
            has_place = any(self.tokens[i].role in PLACE for i in item)
            has_other_noun = any(self.tokens[i].role in OTHER_NOUNS for i in item)
            if not has_place or has_other_noun or not all(self.stated[i] for i in item):
                return []
            first = item[0] if first < 0 else first
        return [Count(len(starts), len(starts), first, first)]

    def absence(self, denials: list[Denial], count: TextCount, places: Places) -> tuple[bool, str]:
        """Whether the text says that there is nothing to segment, and the words that contradict its findings.

        If it says so by a number, `count` becomes zero.
        """
        tokens, stated = self.tokens, self.stated
        has_finding = states_finding(tokens, stated, count, places)
        denials_of_all = [(run, denies_all(tokens, self.triggers, *run, phrases)) for run, phrases in denials]
        nouns = [t for t, is_stated in zip(tokens, stated, strict=True) if is_stated and t.role == "finding"]
        if has_finding and (count.count != (0, 0)):
            for run, is_of_all in denials_of_all:
                contradiction = contradicts(tokens, *run, nouns, is_of_all)
                if contradiction:
                    return False, contradiction
        empty = count.count == (0, 0) or (any(is_of_all for _, is_of_all in denials_of_all) and not has_finding)
        absent = empty and not is_cut_off(self.text) and not unknown_stated(tokens, self.states)
        absent = absent and not is_doubtful(tokens, self.states, self.triggers)
        zeros = [Count(0, 0, i, i) for i in range(len(tokens)) if self.states[i] == DENIED and is_zero(tokens, i)]
        if absent and zeros:
            count.count, count.used = (0, 0), tuple(zeros)
        return absent, ""

    def contradictory(self, contradiction: str) -> Findings:
        """The result for a text that states a finding and denies all: it has no constraints."""
        why = f"findings are stated, but also: {contradiction}"
        left_out = (Omission((0, len(self.text)), self.text, why),)
        return Findings(
            self.text, self.ontology.name, conflicts=(why,), corrections=self.corrections, left_out=left_out
        )


def runs(states: list[str], state: str) -> Iterator[Run]:
    """The runs of tokens in this state."""
    start = None
    for i, current in enumerate([*states, ""]):
        if current == state and start is None:
            start = i
        elif current != state and start is not None:
            yield start, i
            start = None


def is_cut_off(text: str) -> bool:
    """Whether the text is too long to be read to its end."""
    return len(text.rstrip()) > LONGEST


def states_finding(tokens: list[Token], stated: list[bool], count: TextCount, places: Places) -> bool:
    """Whether the text states any finding."""
    if count.count is not None or places.cells or places.open_sides:
        return True
    roles = {t.role for t, is_stated in zip(tokens, stated, strict=True) if is_stated}
    return not roles.isdisjoint(("finding", "many", "laterality"))
