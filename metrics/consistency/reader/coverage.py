"""How much of a dataset's prompts is read: the reader's own measure of how far its answers reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metrics.consistency.reader.findings import Findings

SILENT = 0.2  # share of prompts that state nothing, above which a table of consistency covers too few of them
LEAST = 20  # prompts from which on a share is worth a warning


def coverage(findings: Sequence[Findings]) -> dict[str, Any]:
    """Shares of prompts by what was read in them; nan where there are none.

    Returns:
        `n` prompts; the shares that state each axis (`count`, `laterality`, `position`, `size`, `absent`); `abstained`,
        the share that has text but states nothing; `blank`, the share without text; `conflicts`, that contradict
        themselves; `unread`, in which a place was left out.
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
    """What to say where more than a fifth of the prompts state nothing; "" where fewer do."""
    read = coverage(findings)
    silent = read["abstained"] + read["blank"] if read["n"] else 0.0
    if read["n"] < LEAST or silent <= SILENT:
        return ""
    example = next((f.text for f in findings if f.states_nothing and f.text.strip()), "")
    shown = f", such as {example[:60].strip()!r}" if example else ""
    return (
        f"{silent:.0%} of {read['n']} prompts state nothing under ontology {ontology}{shown}: consistency is that of "
        "the others; take the ontology of these texts (--ontology), and see why with c2seg-bench parse"
    )
