"""The findings of a text: each noun with its state, count, place and size."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics.consistency.reader.findings import SEGMENTED, Finding
from metrics.consistency.reader.intervals import Count
from metrics.consistency.reader.ontology import Ontology
from metrics.consistency.reader.owners import NounPhrase
from metrics.consistency.reader.phrases import Phrase
from metrics.consistency.reader.scope import STATED
from metrics.consistency.reader.text_count import total
from metrics.consistency.reader.tokens import Token

ELSEWHERE = "elsewhere"  # the state of words that describe something that is not segmented


@dataclass(slots=True)
class Statement:
    """The tokens of one state that describe one noun.

    Args:
        noun_phrase: the noun.
        state: of the tokens.
        first, last: indices of the first token, and of the one after the last.
        trigger: index of the token that caused the state, or -1.
        counts, phrases: numbers and places among the tokens.
    """

    noun_phrase: NounPhrase
    state: str
    first: int
    last: int
    trigger: int = -1
    counts: list[Count] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)


def read_statements(
    noun_phrases: list[NounPhrase], states: list[str], triggers: list[int], counts: list[Count], phrases: list[Phrase]
) -> list[Statement]:
    """Split the tokens of each noun phrase into runs of one state, and each run before every number but its first."""
    statements: list[Statement] = []
    for noun_phrase in noun_phrases:
        k = noun_phrase.first
        while k < noun_phrase.last:
            end = k
            while end < noun_phrase.last and plain(states[end]) == plain(states[k]):
                end += 1
            numbers = [c.first for c in counts if k < c.first < end]
            cuts = numbers if any(c.first == k for c in counts) else numbers[1:]
            for first, last in zip([k, *cuts], [*cuts, end], strict=True):
                statements.append(Statement(noun_phrase, plain(states[k]), first, last, triggers[k]))
            k = end
    for statement in statements:
        statement.counts = [c for c in counts if statement.first <= c.first < statement.last]
        statement.phrases = [p for p in phrases if statement.first <= p.first < statement.last]
    return statements


def plain(state: str) -> str:
    """The state without the difference between `STATED` and `ELSEWHERE`."""
    return STATED if state == ELSEWHERE else state


def finding_of(statement: Statement, tokens: list[Token], ontology: Ontology) -> Finding | None:
    """The statement as a finding; None if it has no content."""
    noun_phrase = statement.noun_phrase
    run = tokens[statement.first : statement.last]
    has_noun = statement.first <= noun_phrase.head < statement.last
    cells = {cell for phrase in statement.phrases for cell in phrase.read_cells}
    sides = {side for phrase in statement.phrases for side in phrase.read_sides}
    sides |= {t.value for t in run if t.role == "laterality"}
    if noun_phrase.kind != "finding":
        sides |= {t.value for t in run if t.role == "side"}
    if not (has_noun or statement.counts or sides or cells):
        return None
    return Finding(
        name=tokens[noun_phrase.head].norm if noun_phrase.head >= 0 else "",
        kind=SEGMENTED if noun_phrase.kind == "finding" else noun_phrase.kind,
        state=statement.state,
        count=total(statement.counts) if statement.counts else None,
        sides=tuple(sorted(sides)) if ontology.laterality else (),
        regions=tuple(sorted(cells)),
        sizes=tuple(sorted({t.value for t in run if t.role == "size"})),
        span=(run[0].start, run[-1].end),
        rule=tokens[statement.trigger].norm if statement.trigger >= 0 else "",
    )
