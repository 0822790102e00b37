"""What a written prompt has to state, and whether a text states exactly that."""

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
        sizes: "small", "medium", "large", where the ontology has words for them; none: nothing is stated on size.
    """

    count: int
    regions: tuple[str, ...]
    sizes: tuple[str, ...] = ()

    @classmethod
    def of(cls, findings: Findings) -> Constraint | None:
        """What a prompt states; None where that is more than a count, places and sizes, or less, or not certain."""
        if findings.count is None or findings.count[0] != findings.count[1] or not findings.count[0]:
            return None
        constraint = cls(findings.count[0], findings.regions, findings.sizes)
        return constraint if findings.regions and states(findings, constraint) else None


def reads_back(text: str, constraint: Constraint, ontology: str) -> bool:
    """Whether the reader finds in a text what the constraint says, and neither more nor less."""
    return states(parse(text, ontology), constraint)


def states(findings: Findings, constraint: Constraint) -> bool:
    """Whether findings are those of the constraint: its count, cells, their sides and its sizes, without a doubt."""
    certain = not (findings.conflicts or findings.unread or findings.open or findings.absent)
    return (
        certain
        and findings.count == (constraint.count, constraint.count)
        and findings.regions == tuple(sorted(constraint.regions))
        and findings.sizes == tuple(sorted(constraint.sizes))
        and findings.laterality == side_of(constraint, findings.ontology)
    )


def side_of(constraint: Constraint, ontology: str) -> str | None:
    """The laterality that the cells imply; None under an ontology that knows no sides."""
    if not load_ontology(ontology).laterality:
        return None
    columns = {cell.split("-")[1] for cell in constraint.regions}
    return "bilateral" if len(columns) > 1 else next(iter(columns), None)
