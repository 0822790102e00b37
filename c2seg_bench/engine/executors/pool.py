"""A pool of worker processes that outlives any of them: the cell of one that dies runs once more, the others go on."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from c2seg_bench.engine.executors.attempt import Attempt, Results, portable_attempt
from c2seg_bench.suite import AnyCell

OOM_COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control", "/proc/vmstat")
STOP_SECONDS = 5  # before a worker that does not end is killed


class WorkerDied(Exception):
    """A cell's process ended without a result."""


class Worker:
    """A process that runs one cell after another.

    Its end shows as the end of its connection, whatever ended it.
    """

    def __init__(self, function: Callable[[AnyCell], Any]):
        # spawn: a forked child would inherit torch's thread pools in an unknown state
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, function))
        self.process.start()
        theirs.close()
        self.cell: AnyCell | None = None

    def start(self, cell: AnyCell) -> None:
        self.cell, self.oom_kills = cell, oom_kills()
        self.connection.send(cell)

    def result(self) -> Attempt:
        """The cell's result. WorkerDied if the process ended without one."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            raise WorkerDied(death(self.process.exitcode, oom_kills() > self.oom_kills)) from None


def run_in_pool(
    cells: list[AnyCell], function: Callable[[AnyCell], Any], workers: int, say: Callable[[AnyCell | None, str], None]
) -> Results:
    """Run `function` on every cell in `workers` processes and yield each as it ends.

    Args:
        say: called with a cell whose process died, and a line on what happens next.
    """
    waiting, died = deque(cells), set[int]()
    pool: list[Worker] = []
    with _omp_threads(cells[0].suite.threads):
        try:
            while True:
                _occupy(pool, waiting, function, workers)
                busy = {worker.connection: worker for worker in pool if worker.cell is not None}
                if not busy:
                    break
                for connection in wait(list(busy)):
                    worker = busy[connection]  # type: ignore[index]
                    cell, worker.cell = worker.cell, None
                    assert cell is not None
                    try:
                        yield cell, *worker.result()
                    except WorkerDied as e:
                        pool.remove(worker)
                        if id(cell) in died:
                            yield cell, WorkerDied(f"{e}, twice"), ""
                        else:
                            died.add(id(cell))
                            waiting.append(cell)
                            say(cell, f"{e}; it runs once more, the other cells go on")
        finally:  # also on Ctrl-C, or where the caller stops: waiting would train all remaining cells
            _stop(pool)


def _occupy(pool: list[Worker], waiting: deque[AnyCell], function: Callable[[AnyCell], Any], workers: int) -> None:
    """Give the waiting cells to idle workers, and start workers where there are fewer than `workers`."""
    while waiting:
        worker = next((worker for worker in pool if worker.cell is None), None)
        if worker is None:
            if len(pool) == workers:
                return
            pool.append(worker := Worker(function))
        cell = waiting.popleft()
        try:
            worker.start(cell)
        except OSError:  # it died while it was idle
            pool.remove(worker)
            waiting.appendleft(cell)


def _stop(pool: list[Worker]) -> None:
    for worker in pool:
        worker.process.terminate()
    for worker in pool:
        worker.process.join(STOP_SECONDS)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.connection.close()


def _serve(connection: Connection, function: Callable[[AnyCell], Any]) -> None:
    """In a worker: run the cells that come, until the connection ends."""
    _end_with_parent()
    while True:
        try:
            cell = connection.recv()
        except EOFError:
            return
        connection.send(portable_attempt(function, cell))


def _end_with_parent() -> None:
    """In a worker: end when the parent ends for any reason, and leave Ctrl-C to the parent."""
    parent = parent_process()
    assert parent is not None
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        wait([parent.sentinel])  # a pipe that closes with the parent; PR_SET_PDEATHSIG exists on Linux only
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def death(exit_code: int | None, memory_ran_out: bool) -> str:
    """Why a process ended without a result.

    Args:
        exit_code: if negative, minus the number of the signal that ended the process.
        memory_ran_out: whether the kernel killed a process for lack of memory in the meantime.
    """
    if exit_code is None or exit_code >= 0:
        return f"its process ended with exit code {exit_code} and without a result"
    name = signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else f"signal {-exit_code}"
    if exit_code == -9 and memory_ran_out:
        return "its process was killed because memory ran out; lower workers, train.batch or train.micro_batch"
    return f"its process was ended by {name}"


def oom_kills() -> int:
    """Processes that the kernel has killed for lack of memory: in this control group, else on this machine; 0 if no
    counter can be read."""
    total = 0
    for counter in OOM_COUNTERS:
        try:
            lines = Path(counter).read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return total


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
