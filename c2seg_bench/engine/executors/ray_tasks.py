"""Cells as tasks of a Ray cluster. One whose node or process is lost runs again, on another node where there is one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from c2seg_bench.engine.executors.attempt import Attempt, Results, portable_attempt
from c2seg_bench.engine.executors.cluster import ClusterOptions, joined
from c2seg_bench.engine.executors.cluster_nodes import Needs, check_room, described_cluster, room_for
from c2seg_bench.engine.executors.node_check import check_nodes
from c2seg_bench.suite import AnyCell

ATTEMPTS = 3  # at a cell whose node or process is lost
PATIENCE = 10.0  # seconds without a result before the nodes are counted again
LOSSES = {  # Ray's errors of tasks that may succeed elsewhere
    **dict.fromkeys(
        ("WorkerCrashedError", "NodeDiedError", "LocalRayletDiedError", "ObjectLostError"),
        "its node or its process was lost",
    ),
    # Ray ends the largest process of a node before the kernel does
    "OutOfMemoryError": "its node ran out of memory; give --memory, or lower train.batch or train.micro_batch",
}


class CellLost(Exception):
    """A cell's node or process was lost too often, or Ray cannot run the cell at all."""


def run_on_ray(
    cells: list[AnyCell],
    function: Callable[[AnyCell], Any],
    options: ClusterOptions,
    say: Callable[[AnyCell | None, str], None],
) -> Results:
    """Run `function` on every cell, as many at a time as the cluster has room for, and yield each as it ends.

    If the caller stops early, running cells are cancelled, and a cluster that was started for them is shut down.

    Args:
        say: called with None and a line about the cluster, or with a lost cell and a line on what happens next.

    Raises:
        InputError: there is no such cluster, or its nodes cannot run the cells.
    """
    suite = cells[0].suite
    with joined(options, suite.threads * suite.devices) as ray:
        needs = Needs.of(suite, options, ray.cluster_resources())
        check_room(ray, needs)
        check_nodes(ray, needs, cells)
        say(None, f"{described_cluster(ray)}; a cell takes {needs}")
        yield from _results(ray, cells, function, needs, say)


def _results(
    ray: ModuleType,
    cells: list[AnyCell],
    function: Callable[[AnyCell], Any],
    needs: Needs,
    say: Callable[[AnyCell | None, str], None],
) -> Results:
    task = ray.remote(num_cpus=needs.cpus, num_gpus=needs.gpus, memory=needs.memory or None, max_retries=0)(
        attempt_on_node
    )
    folder = Path.cwd()

    def submit(cell: AnyCell) -> Any:
        return task.remote(function, replace(cell, out=cell.out.absolute()), folder, needs.gpus)

    running = {submit(cell): cell for cell in cells}
    losses: Counter[int] = Counter()
    had_room = True
    try:
        while running:
            ready, _ = ray.wait(list(running), num_returns=1, timeout=PATIENCE)
            if not ready:
                has_room = room_for(ray, needs)
                if had_room and not has_room:
                    say(None, f"no node that is left has {needs}; {len(running)} cells wait until one joins")
                had_room = has_room
                continue
            cell = running.pop(ready[0])
            try:
                outcome = ray.get(ready[0])
            except ray.exceptions.RayError as e:
                losses[id(cell)] += 1
                loss = LOSSES.get(type(e).__name__)
                if loss is None:
                    yield cell, CellLost(f"Ray cannot run it: {type(e).__name__}: {e}"), ""
                elif losses[id(cell)] == ATTEMPTS:
                    yield cell, CellLost(f"{loss}, {ATTEMPTS} times"), ""
                else:
                    say(cell, f"{loss}; it runs again, the other cells go on")
                    running[submit(cell)] = cell
            else:
                yield cell, *outcome
    finally:
        for ref in running:
            ray.cancel(ref, force=True)


def attempt_on_node(function: Callable[[AnyCell], Any], cell: AnyCell, folder: Path, gpus: float) -> Attempt:
    """In a worker: run the cell in the folder that the command was started in, so that relative paths mean the same."""
    with suppress(OSError):  # this node lacks the folder: only a relative path needs it, and says so itself
        os.chdir(folder)
    if not gpus:  # else `device: auto` would take a GPU that others have reserved
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    return portable_attempt(function, cell)
