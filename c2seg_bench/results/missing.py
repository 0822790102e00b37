"""What a report lacks: the cells of the suite without scores that belong to it, and why where that is known."""

from __future__ import annotations

from pathlib import Path

from c2seg_bench.results.run import Run
from c2seg_bench.suite import cells

LONGEST = 160  # characters of a reason


def missing_cells(run: Run) -> list[str]:
    """A line for each cell of the suite that the tables have no number of; empty for a whole run."""
    scored = set(run.trainings)
    return [
        f"{cell.dataset} / {cell.method.label} / seed {cell.seed} ({_reason(cell.files.error)})"
        for cell in cells(run.suite, run.files.out)
        if (cell.dataset, cell.method.label, cell.seed) not in scored
    ]


def _reason(error: Path) -> str:
    """The last line of the traceback that the cell's last attempt left."""
    if not error.exists():
        return "not done"
    lines = error.read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((" ".join(line.split()) for line in reversed(lines) if line.strip()), "")
    return f"failed: {''.join(c for c in last if c.isprintable())[:LONGEST]}"
