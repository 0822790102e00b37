"""How many of a dataset's prompts the reader understands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metrics.consistency.reader.findings import Findings

MOST_SILENT = 0.2  # share of prompts that state nothing; a table of consistency covers too few if it is higher
LEAST = 20  # prompts; a share of fewer is not worth a warning


def coverage(findings: Sequence[Findings]) -> dict[str, Any]:
    """Number of prompts `n`, and shares of them; these are nan if there are no prompts.

    Returns:
        `n`; the shares that state each axis: `count`, `laterality`, `position`, `size`, `absent`; and the shares
        `abstained` (has text but states nothing), `blank` (has no text), `conflicts` (contradicts itself), `unread`
        (a place could not be read).
    """
    n = len(findings)
    counts = {
        "count": sum(f.count is not None for f in findings),
        "laterality": sum(f.laterality is not None for f in findings),
        "position": sum(bool(f.regions) for f in findings),
        "size": sum(bool(f.sizes) for f in findings),
        "absent": sum(f.absent for f in findings),
        "abstained": sum(f.states_nothing and bool(f.text.strip()) for f in findings),
        "blank": sum(not f.text.strip() for f in findings),
        "conflicts": sum(bool(f.conflicts) for f in findings),
        "unread": sum(bool(f.unread) for f in findings),
    }
    return {"n": n, **{name: count / n if n else float("nan") for name, count in counts.items()}}


def warning_of(findings: Sequence[Findings], ontology: str) -> str:
    """A warning if more than a fifth of the prompts state nothing, else ""."""
    shares = coverage(findings)
    silent = shares["abstained"] + shares["blank"] if shares["n"] else 0.0
    if shares["n"] < LEAST or silent <= MOST_SILENT:
        return ""
    example = next((f.text for f in findings if f.states_nothing and f.text.strip()), "")
    shown = f", such as {example[:60].strip()!r}" if example else ""
    return (
        f"{silent:.0%} of {shares['n']} prompts state nothing under ontology {ontology}{shown}: consistency covers "
        "only the others; give the ontology of these prompts (--ontology); c2seg-bench parse shows how one is read"
    )
