"""A whole suite: prepare what the cells share, run them, gather their scores, report."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from c2seg_bench.engine.device.device import uses_cuda
from c2seg_bench.engine.executors.cluster import ClusterOptions
from c2seg_bench.engine.grid.check import check_suite
from c2seg_bench.engine.grid.finish import RunFailed, finish, with_added
from c2seg_bench.engine.grid.interruption import interruptible
from c2seg_bench.engine.grid.plan import plan_cells
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.engine.grid.repair import repair
from c2seg_bench.engine.grid.run_cells import run_cells
from c2seg_bench.engine.grid.trial_step import try_methods
from c2seg_bench.files import only_one, remove_leftovers
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import AnyCell, Suite, cells
from c2seg_bench.terminal.console import PlainConsole


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
    chosen = _only_methods_of(grid, suite)
    if cluster is None:  # else other machines have the GPU
        uses_cuda(chosen)
    check_suite(chosen)  # with `only`, the other methods may lack what they need
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
        to_do = _unfinished(grid, console)
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
    chosen = _only_methods_of(grid, suite)
    check_suite(chosen)
    console = console or PlainConsole(stderr=True)
    with only_one(out), interruptible(out, console):
        repair(RunDir(out), grid)
        prepare_all(chosen, RunDir(out), console)
        return [f"{cell.title}: {plan}" for cell, plan in plan_cells(grid)]


def _only_methods_of(grid: list[AnyCell], suite: Suite) -> Suite:
    """The suite with the methods that have a cell in the grid."""
    methods = [cell.method for cell in grid]
    return suite.model_copy(update={"methods": [method for method in suite.methods if method in methods]})


def _unfinished(grid: list[AnyCell], console: Console) -> list[AnyCell]:
    """The cells that have a step to run. Prints a line for each of the others."""
    unfinished = []
    for cell, plan in plan_cells(grid):
        if plan.steps:
            unfinished.append(cell)
        else:
            console.print(f"{cell.title}: {plan}", markup=False, highlight=False)
    return unfinished
