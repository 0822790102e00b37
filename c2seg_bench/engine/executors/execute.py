"""Runs the cells of a grid in this process, in a pool of processes, or on Ray. The numbers are the same."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from c2seg_bench.engine.executors.attempt import Results, attempt
from c2seg_bench.engine.executors.cluster import ClusterOptions
from c2seg_bench.engine.executors.pool import run_in_pool
from c2seg_bench.suite import AnyCell

Say = Callable[[AnyCell | None, str], None]


def to_stderr(cell: AnyCell | None, line: str) -> None:
    print(f"{cell.folder}: {line}" if cell else line, file=sys.stderr)


def execute(
    cells: list[AnyCell],
    function: Callable[[AnyCell], Any],
    workers: int = 1,
    cluster: ClusterOptions | None = None,
    say: Say = to_stderr,
) -> Results:
    """Run `function` on every cell and yield each as it ends; an error in one does not stop the others.

    Args:
        workers: processes; 1: the cells run in this one. A cluster runs as many cells as it has room for.
        cluster: where to run on Ray; None: on this machine.
        say: called with a cell and a line on it, such as that it runs again, or with None and a line on all of them.
    """
    if cluster is not None:
        from c2seg_bench.engine.executors.ray_tasks import run_on_ray

        yield from run_on_ray(cells, function, cluster, say)
    elif workers == 1:
        for cell in cells:
            yield cell, *attempt(function, cell)
    else:
        yield from run_in_pool(cells, function, workers, say)
