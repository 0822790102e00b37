"""Where the cells of a grid run: this process, a pool of processes, or Ray. The numbers are the same."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from c2seg_bench.errors import InputError
from c2seg_bench.suite import Cell

Result = tuple[Cell, BaseException | None, str]  # the cell, its error if any, and the traceback as text


def execute(cells: list[Cell], function: Callable[[Cell], Any], engine: str, workers: int) -> Iterator[Result]:
    """Run `function` on every cell and give them back as they end; an error does not stop the others."""
    if engine == "ray":
        yield from _ray(cells, function)
    elif workers == 1 or len(cells) == 1:
        for cell in cells:
            yield _attempt(function, cell)
    else:
        yield from _pool(cells, function, workers)


def _attempt(function: Callable[[Cell], Any], cell: Cell) -> Result:
    try:
        function(cell)
    except Exception as e:
        return cell, e, traceback.format_exc()
    return cell, None, ""


def _pool(cells: list[Cell], function: Callable[[Cell], Any], workers: int) -> Iterator[Result]:
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    threads = str(cells[0].suite.threads)
    # read by OpenMP when it starts, so it must be there before a worker is; without it the workers fight for cores
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = threads
    try:
        # spawn: a forked child would inherit torch's thread pools in an unknown state
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            futures = {pool.submit(_attempt, function, cell): cell for cell in cells}
            for future in as_completed(futures):
                cell, died = futures[future], future.exception()  # the cell that was given, not the worker's copy
                yield (cell, died, f"the worker process ended: {died}") if died else (cell, *future.result()[1:])
    finally:
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _ray(cells: list[Cell], function: Callable[[Cell], Any]) -> Iterator[Result]:
    try:
        import ray  # type: ignore[import-not-found]
    except ImportError:
        raise InputError("--engine ray: Ray is not installed; pip install 'c2seg-bench[ray]', or take local") from None
    ray.init(ignore_reinit_error=True, log_to_driver=False)
    cuda = cells[0].suite.device != "cpu" and ray.cluster_resources().get("GPU", 0) > 0
    task = ray.remote(num_cpus=cells[0].suite.threads, num_gpus=1 if cuda else 0, max_retries=1)(_attempt)
    waiting = {task.remote(function, cell): cell for cell in cells}
    while waiting:
        (ready,), _ = ray.wait(list(waiting), num_returns=1)
        cell = waiting.pop(ready)
        try:
            yield (cell, *ray.get(ready)[1:])
        except ray.exceptions.RayError as e:
            yield cell, e, str(e)
