"""Running the cells of a grid, and a line on the terminal for each as it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from rich.console import Console

from c2seg_bench.engine.cell.outside_cell import describe_outcome, run_outside_cell
from c2seg_bench.engine.cell.steps import run_cell
from c2seg_bench.engine.display.display import Watch
from c2seg_bench.engine.executors.attempt import described
from c2seg_bench.engine.executors.cluster import ClusterOptions
from c2seg_bench.engine.executors.execute import execute
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.request.request import stored_request
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.files import atomic
from c2seg_bench.suite import AnyCell, Cell


def run_any_cell(cell: AnyCell) -> Path:
    """Train or call the cell's model, and score its masks."""
    return run_cell(cell) if isinstance(cell, Cell) else run_outside_cell(cell)


def run_cells(
    grid: list[AnyCell],
    workers: int,
    console: Console,
    function: Callable[[AnyCell], Path] = run_any_cell,
    cluster: ClusterOptions | None = None,
) -> int:
    """Run the cells and report each as it ends. Returns how many failed; their tracebacks are in their folders."""
    if not grid:
        return 0
    failed, start = 0, time.monotonic()

    def say(cell: AnyCell | None, line: str) -> None:
        line = f"{cell.title}: {line}" if cell else line
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    # closed on an error, so that the remaining cells are not run before it is reported
    with Watch(grid, console) as watch, closing(execute(grid, function, workers, cluster, say)) as results:
        for cell, error, trace in results:
            if isinstance(error, WRONG_INPUT):
                raise error
            minutes = (time.monotonic() - start) / 60
            outcome = _failure(cell, error, trace) if error else _outcome(cell)
            watch.done(cell, f"[{minutes:5.1f} min] {cell.title}: {outcome}")
            if error:
                failed += 1
            else:
                cell.files.error.unlink(missing_ok=True)
    return failed


def _failure(cell: AnyCell, error: BaseException, trace: str) -> str:
    """The line about a cell that failed. Its traceback is kept in the cell's folder."""
    line = f"FAILED: {described(error)}"
    text = trace or f"{described(error)}\n"
    try:
        with atomic(cell.files.error, durable=False) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except (OSError, InputError):  # the disk may be what failed
        return line
    return f"{line} (traceback in {cell.files.error})" if trace else line


def _outcome(cell: AnyCell) -> str:
    if not isinstance(cell, Cell):
        return describe_outcome(stored_request(cell))
    stored = checkpoint.metadata(cell.files.checkpoint) or {}
    dice, minutes = 100 * stored.get("val_dice", float("nan")), stored.get("seconds", 0) / 60
    return f"val Dice {dice:.1f} in epoch {stored.get('epoch')}, {minutes:.1f} min of training"
