"""The findings of a text one by one: what is said of each noun, with its state, count, place and size."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics.consistency.reader.counts import total
from metrics.consistency.reader.findings import SEGMENTED, Finding
from metrics.consistency.reader.intervals import Count
from metrics.consistency.reader.ontology import Ontology
from metrics.consistency.reader.owners import Thing
from metrics.consistency.reader.phrases import Phrase
from metrics.consistency.reader.places import add_up
from metrics.consistency.reader.scope import DENIED, PAST, POSSIBLE, STATED
from metrics.consistency.reader.tokens import Token

ELSEWHERE = "elsewhere"  # the state of what is stated of something that is not segmented
RUNS = {STATED: (STATED, ELSEWHERE), DENIED: (DENIED,), PAST: (PAST,), POSSIBLE: (POSSIBLE,)}


@dataclass
class Statement:
    """What is said of one noun in one state; `first` and `last` are indices of tokens, the latter one past the end."""

    thing: Thing
    state: str
    first: int
    last: int
    counts: list[Count] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    trigger: int = -1


def statements_of(tokens: list[Token], things: list[Thing], states: list[str], triggers: list[int]) -> list[Statement]:
    """Each thing's stretches of one state. Counts and places are put into them by `assign`."""
    out = []
    for thing in things:
        k = thing.first
        while k < thing.last:
            end = k
            while end < thing.last and states[end] == states[k]:
                end += 1
            out.append(Statement(thing, states[k], k, end, trigger=triggers[k]))
            k = end
    return out


def assign(statements: list[Statement], counts: list[Count], phrases: list[Phrase]) -> None:
    """Every count and place to the statement in which it begins."""
    for count in counts:
        for statement in statements:
            if statement.first <= count.first < statement.last:
                statement.counts.append(count)
    for phrase in phrases:
        for statement in statements:
            if statement.first <= phrase.first < statement.last:
                statement.phrases.append(phrase)


def finding_of(statement: Statement, tokens: list[Token], ontology: Ontology) -> Finding | None:
    """The statement as a finding; None where it says nothing."""
    thing = statement.thing
    run = tokens[statement.first : statement.last]
    names = thing.head >= 0 and statement.first <= thing.head < statement.last
    places = add_up(statement.phrases, ontology)
    sides = set(places.sides) | {t.value for t in run if t.role == "laterality"}
    if not (names or statement.counts or sides or places.cells):
        return None
    state = STATED if statement.state == ELSEWHERE else statement.state
    return Finding(
        name=tokens[thing.head].norm if thing.head >= 0 else "",
        kind=SEGMENTED if thing.kind == "finding" else thing.kind,
        state=state,
        count=total(statement.counts) if statement.counts else None,
        sides=tuple(sorted(sides)) if ontology.laterality else (),
        regions=tuple(sorted(places.cells)),
        sizes=tuple(sorted({t.value for t in run if t.role == "size"})),
        span=(run[0].start, run[-1].end),
        rule=tokens[statement.trigger].norm if statement.trigger >= 0 else "",
    )
