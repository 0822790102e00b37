"""Runs the cells of a grid in this process, in a pool of processes, or on Ray. The numbers are the same."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from c2seg_bench.engine.attempt import Results, attempt, portable_attempt
from c2seg_bench.engine.pool import run_in_pool
from c2seg_bench.errors import InputError
from c2seg_bench.suite import AnyCell

Say = Callable[[AnyCell, str], None]


def to_stderr(cell: AnyCell, line: str) -> None:
    print(f"{cell.folder}: {line}", file=sys.stderr)


def execute(
    cells: list[AnyCell], function: Callable[[AnyCell], Any], engine: str, workers: int, say: Say = to_stderr
) -> Results:
    """Run `function` on every cell and yield each as it ends; an error in one does not stop the others.

    Args:
        say: gets a cell and a line about it, where something happens to it that does not end it.
    """
    if engine == "ray":
        yield from _ray(cells, function)
    elif workers == 1:
        for cell in cells:
            yield cell, *attempt(function, cell)
    else:
        yield from run_in_pool(cells, function, workers, say)


def _ray(cells: list[AnyCell], function: Callable[[AnyCell], Any]) -> Results:
    """A task whose worker dies is run once more by Ray itself."""
    try:
        import ray  # type: ignore[import-not-found]
    except ImportError:
        raise InputError(
            "--engine ray: Ray is not installed; pip install 'c2seg-bench[ray]', or use --engine local"
        ) from None
    ray.init(ignore_reinit_error=True, log_to_driver=False)
    cuda = cells[0].suite.device != "cpu" and ray.cluster_resources().get("GPU", 0) > 0
    task = ray.remote(num_cpus=cells[0].suite.threads, num_gpus=1 if cuda else 0, max_retries=1)(portable_attempt)
    # a node that was started elsewhere has another working folder
    waiting = {task.remote(function, replace(cell, out=cell.out.absolute())): cell for cell in cells}
    while waiting:
        (ready,), _ = ray.wait(list(waiting), num_returns=1)
        cell = waiting.pop(ready)
        try:
            yield cell, *ray.get(ready)
        except ray.exceptions.RayError as e:
            yield cell, e, ""
