"""What a prompt states: its findings one by one, and the constraints that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Span = tuple[int, int]
SEGMENTED = "segmented"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the text.

    Args:
        name: the noun, corrected and in lower case; "" if there is none ("upper left lung").
        kind: "segmented" if the dataset's masks show it, else "other", "anatomy" or "instrument".
        state: "stated", "denied", "past" or "possible".
        count: fewest and most, as in `Findings`.
        sides, regions: where it is, sorted.
        sizes: as the ontology names them.
        span: the characters that describe it.
        rule: the word that denies it, puts it in the past or makes it only possible; "" if it is stated.
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
    """Characters that make no constraint, and why."""

    span: Span
    text: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """Lists and plain values only."""
        return {"span": list(self.span), "text": self.text, "why": self.why}


@dataclass(frozen=True, slots=True)
class Findings:
    """The constraints that a prompt states, each with the characters it was read from.

    Args:
        text: the prompt as given.
        ontology: the name of the ontology it was read with.
        count: fewest and most lesions, the latter None if unbounded: "two" is (2, 2), "several" (2, None). None if the
            prompt states no number.
        laterality: "left", "right", "bilateral", "unilateral", or None; sides of the text, not of the image.
        regions: cells, such as "lower-left", sorted. A side alone ("left lung") names none.
        open: cells that the prompt leaves open although it names others: those of a side that is named without rows,
            and all other cells if a place could not be read. A mask may or may not reach into them.
        sizes: "small", "medium", "large", as the ontology names them, sorted.
        absent: nothing to segment.
        denied: cells and sides said to be free, sorted; never constraints.
        conflicts: contradictions, as messages; the axis concerned has no constraint.
        unread: parts of places that could not be read.
        corrections: (as written, as read) of misspelled words.
        spans: axis -> (start, end) of the characters it was read from.
        findings: the findings of the text; the constraints above come from the stated segmented ones.
        assertions: each constraint with its spans and the rule that read it.
        left_out: words that could have been a constraint, and why they are not.
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
        """The part that masks are checked against: prompts with equal readings get the same verdict on any mask."""
        return (self.count, self.laterality, self.regions, self.open, self.sizes, self.absent)

    @property
    def states_nothing(self) -> bool:
        """Whether the prompt has no constraint, so that no mask could contradict it."""
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
