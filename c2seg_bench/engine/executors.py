"""Runs the cells of a grid in this process, in a pool of processes, or on Ray. The numbers are the same."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import active_children, parent_process
from multiprocessing.connection import wait
from typing import Any

from c2seg_bench.errors import InputError
from c2seg_bench.suite import AnyCell

Result = tuple[AnyCell, BaseException | None, str]  # the cell, its error if any, and the traceback as text
Results = Generator[Result, None, None]


def execute(cells: list[AnyCell], function: Callable[[AnyCell], Any], engine: str, workers: int) -> Results:
    """Run `function` on every cell and yield each as it ends; an error in one does not stop the others."""
    if engine == "ray":
        yield from _ray(cells, function)
    elif workers == 1 or len(cells) == 1:
        for cell in cells:
            yield _attempt(function, cell)
    else:
        yield from _pool(cells, function, workers)


def _attempt(function: Callable[[AnyCell], Any], cell: AnyCell) -> Result:
    try:
        function(cell)
    except Exception as e:
        return cell, e, traceback.format_exc()
    return cell, None, ""


def _pool(cells: list[AnyCell], function: Callable[[AnyCell], Any], workers: int) -> Results:
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    others = set(active_children())
    with _omp_threads(cells[0].suite.threads):
        # spawn: a forked child would inherit torch's thread pools in an unknown state
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent)
        try:
            futures = {pool.submit(_attempt, function, cell): cell for cell in cells}
            for future in as_completed(futures):
                cell, died = futures[future], future.exception()  # the caller's cell, not the worker's copy
                yield (cell, died, f"the worker process ended: {died}") if died else (cell, *future.result()[1:])
            pool.shutdown()
        except BaseException:  # Ctrl-C, or the caller stopped: waiting would train all remaining cells
            pool.shutdown(wait=False, cancel_futures=True)
            _terminate(set(active_children()) - others)
            raise


@contextmanager
def _omp_threads(number: int) -> Iterator[None]:
    """Set OMP_NUM_THREADS for workers. OpenMP reads it at start; without it the workers compete for cores."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(number)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _end_with_parent() -> None:
    """In a worker: end when the parent ends for any reason, and leave Ctrl-C to the parent."""
    parent = parent_process()
    assert parent is not None
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        wait([parent.sentinel])  # a pipe that closes with the parent; PR_SET_PDEATHSIG exists on Linux only
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _terminate(processes: Iterable[Any]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(5)
        if process.is_alive():
            process.kill()


@contextmanager
def term_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, so that files are closed and workers end."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _ray(cells: list[AnyCell], function: Callable[[AnyCell], Any]) -> Results:
    try:
        import ray  # type: ignore[import-not-found]
    except ImportError:
        raise InputError(
            "--engine ray: Ray is not installed; pip install 'c2seg-bench[ray]', or use --engine local"
        ) from None
    ray.init(ignore_reinit_error=True, log_to_driver=False)
    cuda = cells[0].suite.device != "cpu" and ray.cluster_resources().get("GPU", 0) > 0
    task = ray.remote(num_cpus=cells[0].suite.threads, num_gpus=1 if cuda else 0, max_retries=1)(_attempt)
    # a node that was started elsewhere has another working folder
    waiting = {task.remote(function, replace(cell, out=cell.out.absolute())): cell for cell in cells}
    while waiting:
        (ready,), _ = ray.wait(list(waiting), num_returns=1)
        cell = waiting.pop(ready)
        try:
            yield (cell, *ray.get(ready)[1:])
        except ray.exceptions.RayError as e:
            yield cell, e, str(e)
