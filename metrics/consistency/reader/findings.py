"""What a prompt states: its findings one by one, and the constraints they add up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Span = tuple[int, int]
SEGMENTED = "segmented"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the text.

    Args:
        name: the noun as it is read, "" where none is named ("upper left lung").
        kind: "segmented" for what is to be segmented, else "other", "anatomy" or "instrument".
        state: "stated", "denied", "past" or "possible".
        count: fewest and most, as in `Findings`.
        sides, regions: where it is, sorted.
        sizes: as the ontology has them.
        span: the characters that speak of it.
        rule: the word that denies it, puts it in the past or makes it only possible; "" where it is stated.
    """

    name: str
    kind: str
    state: str
    count: tuple[int, int | None] | None
    sides: tuple[str, ...]
    regions: tuple[str, ...]
    sizes: tuple[str, ...]
    span: Span
    rule: str = ""

    def to_json(self) -> dict[str, Any]:
        """Lists and plain values only."""
        return {
            "name": self.name,
            "kind": self.kind,
            "state": self.state,
            "count": None if self.count is None else list(self.count),
            "sides": list(self.sides),
            "regions": list(self.regions),
            "sizes": list(self.sizes),
            "span": list(self.span),
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Assertion:
    """One constraint, the characters it was read from, and the rule that read it."""

    axis: str
    value: str
    spans: tuple[Span, ...]
    rule: str

    def to_json(self) -> dict[str, Any]:
        """Lists and plain values only."""
        return {"axis": self.axis, "value": self.value, "spans": [list(s) for s in self.spans], "rule": self.rule}


@dataclass(frozen=True, slots=True)
class Omission:
    """Characters from which nothing is stated, and why."""

    span: Span
    text: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """Lists and plain values only."""
        return {"span": list(self.span), "text": self.text, "why": self.why}


@dataclass(frozen=True, slots=True)
class Findings:
    """The constraints that a prompt states, each with the characters it was read from. What is not stated is None.

    Args:
        text: the prompt as it was given.
        ontology: the name of the ontology it was read with.
        count: fewest and most lesions, the latter None where there is no most: "two" (2, 2), "several" (2, None).
        laterality: "left", "right", "bilateral", "unilateral", or None; sides of the text, not of the picture.
        regions: the cells named, such as "lower-left", sorted. A side alone ("left lung") names none.
        open: cells about which nothing is said although regions are named: those of a side that is named without its
            rows, and all others where a place could not be read. Lesion there agrees with the prompt, and so does none.
        sizes: "small", "medium", "large", as the ontology has them, sorted.
        absent: nothing to segment.
        denied: cells and sides said to be free, sorted; never constraints.
        conflicts: what contradicts itself, in words; the axis it concerns is left out.
        unread: parts of places that could not be read.
        corrections: (as written, as read) of misspelled words.
        spans: axis -> (start, end) of the characters it was read from.
        findings: the findings of the text one by one; the constraints above are those of the stated segmented ones.
        assertions: every constraint with its spans and the rule that read it.
        left_out: what was not read into a constraint, and why.
    """

    text: str
    ontology: str
    count: tuple[int, int | None] | None = None
    laterality: str | None = None
    regions: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    absent: bool = False
    denied: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    spans: dict[str, tuple[Span, ...]] = field(default_factory=dict, hash=False)
    findings: tuple[Finding, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    left_out: tuple[Omission, ...] = ()

    @property
    def reading(self) -> tuple[Any, ...]:
        """What is checked: prompts of the same reading get the same verdict on the same mask."""
        return (self.count, self.laterality, self.regions, self.open, self.sizes, self.absent)

    @property
    def states_nothing(self) -> bool:
        """Whether no mask could contradict the prompt."""
        return not (self.count or self.laterality or self.regions or self.sizes or self.absent)

    def to_json(self) -> dict[str, Any]:
        """For `c2seg-bench parse --json`: lists and dicts only."""
        return {
            "text": self.text,
            "count": None if self.count is None else list(self.count),
            "laterality": self.laterality,
            "regions": list(self.regions),
            "absent": self.absent,
            "conflicts": list(self.conflicts),
            "open": list(self.open),
            "sizes": list(self.sizes),
            "denied": list(self.denied),
            "unread": list(self.unread),
            "corrections": [list(pair) for pair in self.corrections],
            "spans": {axis: [list(span) for span in spans] for axis, spans in self.spans.items()},
            "ontology": self.ontology,
            "findings": [finding.to_json() for finding in self.findings],
            "assertions": [assertion.to_json() for assertion in self.assertions],
            "left_out": [omission.to_json() for omission in self.left_out],
        }
