"""What a prompt states."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Span = tuple[int, int]


@dataclass(frozen=True)
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

    @property
    def reading(self) -> tuple[Any, ...]:
        """What is checked: prompts of the same reading get the same verdict on the same mask."""
        return (self.count, self.laterality, self.regions, self.open, self.sizes, self.absent)

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
            "spans": {axis: [list(span) for span in found] for axis, found in self.spans.items()},
            "ontology": self.ontology,
        }
