"""A whole suite: prepare what the cells share, run them, gather their scores, report."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
from rich.console import Console

import reports
from c2seg_bench.engine.cell.outside_cell import describe_outcome, outside_request, run_outside_cell
from c2seg_bench.engine.cell.steps import CellOpener, run_cell
from c2seg_bench.engine.device.device import uses_cuda
from c2seg_bench.engine.display.display import Watch
from c2seg_bench.engine.executors.attempt import described
from c2seg_bench.engine.executors.cluster import ClusterOptions
from c2seg_bench.engine.executors.execute import execute
from c2seg_bench.engine.grid.interruption import interruptible
from c2seg_bench.engine.grid.plan import CellPlan, plan_cell, plan_outside_cell
from c2seg_bench.engine.grid.prepare import check, prepare_all
from c2seg_bench.engine.grid.repair import repair
from c2seg_bench.engine.grid.trial_step import try_methods
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.request.request import is_current, request_of, stored_request
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.files import atomic, only_one, read_json, read_rows, remove_leftovers, write_json
from c2seg_bench.results.write import write_tables
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import AnyCell, Cell, OutsideEntry, Suite, cells
from c2seg_bench.terminal.console import PlainConsole


class RunFailed(Exception):
    """Some cells failed; what the others computed is kept."""


def run_suite(
    suite: Suite,
    out: Path,
    only: str | None = None,
    console: Console | None = None,
    cluster: ClusterOptions | None = None,
) -> Path:
    """Run every cell that is not done yet and write the report. Returns `out`.

    What is kept is shown with its date. `suite.json` is written with the scores that it describes, at the end.

    Args:
        only: one method, by name or label; None: all.
        cluster: the Ray cluster to run the cells on; None: this machine.

    Raises:
        InputError: the suite names something that does not exist, before anything is computed.
        RunFailed: a cell failed, and the report is made of the others; run the same command again to continue from
            what is done.
    """
    console = console or PlainConsole(stderr=True)
    grid = cells(suite, out, only)
    chosen = suite.model_copy(update={"methods": [m for m in suite.methods if m in [c.method for c in grid]]})
    if cluster is None:  # else other machines have the GPU
        uses_cuda(chosen)
    check(chosen)  # with `only`, the other methods may lack what they need
    if lacking := chosen.without_official():
        console.print(
            f"no official recipe is known for {', '.join(lacking)}: trained as the suite says", highlight=False
        )
    run = RunDir(out)
    with only_one(out), interruptible(out, console):
        remove_leftovers(out)
        repair(run, cells(suite, out))
        whole = with_added(suite, run)
        prepare_all(chosen, run, console)
        to_do = []
        for cell, plan in plan_cells(grid):
            if plan.steps:
                to_do.append(cell)
            else:
                console.print(f"{cell.title}: {plan}", markup=False, highlight=False)
        try_methods(to_do)
        failed = run_cells(to_do, suite.workers, console, cluster=cluster)
        finish(whole, run, console)
    if failed:
        raise RunFailed(
            f"{failed} of {len(to_do)} cells failed; what is done is kept, run the same command again to continue"
        )
    return out


def explain_suite(suite: Suite, out: Path, only: str | None = None, console: Console | None = None) -> list[str]:
    """A line per cell: what a run would do for it and why. Prepares data and prompts as a run does, trains nothing.

    Raises:
        InputError: as `run_suite`.
    """
    grid = cells(suite, out, only)
    chosen = suite.model_copy(update={"methods": [m for m in suite.methods if m in [c.method for c in grid]]})
    check(chosen)
    console = console or PlainConsole(stderr=True)
    with only_one(out), interruptible(out, console):
        repair(RunDir(out), grid)
        prepare_all(chosen, RunDir(out), console)
        return [f"{cell.title}: {plan}" for cell, plan in plan_cells(grid)]


def plan_cells(grid: list[AnyCell]) -> list[tuple[AnyCell, CellPlan]]:
    """The plan of every cell, in their order; each dataset and prompt table is opened once."""
    open_cell = CellOpener()
    plans = {
        cell.folder: plan_cell(cell, *open_cell(cell)) if isinstance(cell, Cell) else plan_outside_cell(cell)
        for cell in sorted(grid, key=CellOpener.order)
    }
    return [(cell, plans[cell.folder]) for cell in grid]


def with_added(suite: Suite, run: RunDir) -> Suite:
    """The suite with the models that `evaluate` added to its run, but for those whose label it has itself."""
    stored = read_json(run.suite) or {}
    entries = [entry for entry in stored.get("methods", []) if isinstance(entry, dict) and entry.get("added")]
    labels = [method.label for method in suite.methods]
    added = [OutsideEntry(**entry) for entry in entries if entry.get("label") not in labels]
    return suite.model_copy(update={"methods": [*suite.methods, *added]})


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


def finish(suite: Suite, run: RunDir, console: Console) -> None:
    """Gather the scores of the cells that are done, write the tidy tables and the report."""
    current, stale = sort_cells(suite, run)
    for cell in stale:
        console.print(f"{cell.title}: done under other settings, left out", highlight=False)
    if not current:
        raise RunFailed("no cell is done, so there is no report; what is done is kept, run the same command again")
    scores = pd.concat([read_rows(cell.files.scores) for cell in current], ignore_index=True)
    write_json(run.suite, suite.model_dump(), checksum=True)
    with atomic(run.scores, checksum=True) as temporary:
        scores.to_parquet(temporary, index=False)
    for line in write_tables(run.out):
        console.print(line, markup=False, highlight=False)
    reports.build(run.out)


def sort_cells(suite: Suite, run: RunDir) -> tuple[list[AnyCell], list[AnyCell]]:
    """The finished cells whose scores answer this suite, and those that were finished under other settings."""
    open_cell = CellOpener()

    def current(cell: AnyCell) -> bool:
        try:
            if isinstance(cell, Cell):
                return is_current(cell, request_of(cell, *open_cell(cell)))
            return is_current(cell, outside_request(cell))
        except (*WRONG_INPUT, FileNotFoundError):  # its prompts are no longer those of the data
            return False

    finished = [c for c in cells(suite, run.out) if c.files.record.exists() and c.files.scores.exists()]
    kept = {c.folder for c in sorted(finished, key=CellOpener.order) if current(c)}
    return [c for c in finished if c.folder in kept], [c for c in finished if c.folder not in kept]


def _outcome(cell: AnyCell) -> str:
    if not isinstance(cell, Cell):
        return describe_outcome(stored_request(cell))
    stored = checkpoint.metadata(cell.files.checkpoint) or {}
    dice, minutes = 100 * stored.get("val_dice", float("nan")), stored.get("seconds", 0) / 60
    return f"val Dice {dice:.1f} in epoch {stored.get('epoch')}, {minutes:.1f} min of training"
