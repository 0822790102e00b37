"""The constraint that a written prompt must state, and whether a text states exactly that."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.ontology import load_ontology
from metrics.consistency.reader.parse import parse


@dataclass(frozen=True)
class Constraint:
    """A number of lesions and where they are.

    Args:
        count: lesions, 1 or more.
        regions: cells of the ontology's grid, such as "lower-left", at least one, in any order.
        sizes: "small", "medium", "large", if the ontology has words for them; empty: no size is stated.
    """

    count: int
    regions: tuple[str, ...]
    sizes: tuple[str, ...] = ()

    @classmethod
    def of(cls, findings: Findings) -> Constraint | None:
        """The constraint of a prompt; None unless it states a count and places, perhaps sizes, and nothing else."""
        if findings.count is None or findings.count[0] != findings.count[1] or not findings.count[0]:
            return None
        constraint = cls(findings.count[0], findings.regions, findings.sizes)
        return constraint if findings.regions and states(findings, constraint) else None


def reads_back(text: str, constraint: Constraint, ontology: str) -> bool:
    """Whether the reader finds exactly the constraint in a text."""
    return states(parse(text, ontology), constraint)


def states(findings: Findings, constraint: Constraint) -> bool:
    """Whether findings are certain and equal to the constraint: count, cells, their sides, and sizes."""
    certain = not (findings.conflicts or findings.unread or findings.open or findings.absent)
    return (
        certain
        and findings.count == (constraint.count, constraint.count)
        and findings.regions == tuple(sorted(constraint.regions))
        and findings.sizes == tuple(sorted(constraint.sizes))
        and findings.laterality == side_of(constraint, findings.ontology)
    )


def side_of(constraint: Constraint, ontology: str) -> str | None:
    """The laterality that the cells imply; None if sides are not an axis of the ontology."""
    if not load_ontology(ontology).laterality:
        return None
    columns = {cell.split("-")[1] for cell in constraint.regions}
    return "bilateral" if len(columns) > 1 else next(iter(columns), None)
