"""A Ray cluster of two nodes on this machine, and a thread that kills the second node while a cell runs on it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

OBJECT_STORE = 80 * 2**20  # bytes; nearly the least that Ray takes
TASK = "ray::attempt_on_node"  # how the title of a process begins that runs a cell


@contextmanager
def two_raylets(second: dict[str, Any] | None = None, **resources: Any) -> Iterator[tuple[str, Any]]:
    """The address of the cluster and its second node.

    Args:
        second: further resources of the second node.
        resources: of each node, as `ray start` takes them, such as num_cpus.
    """
    resources = {"num_cpus": 1, "object_store_memory": OBJECT_STORE, **resources}
    cluster = started(resources, {**resources, **(second or {})})
    try:
        yield cluster.address, next(node for node in cluster.list_all_nodes() if node is not cluster.head_node)
    finally:
        cluster.shutdown()


def started(head: dict[str, Any], second: dict[str, Any]) -> Any:
    """A Cluster of two nodes. Tried again if a node needs over 30 s to start, on a busy machine: Ray then gives up."""
    from c2seg_bench.engine.executors.cluster import ENVIRONMENT, STARTS

    os.environ.update({name: value for name, value in ENVIRONMENT.items() if name not in os.environ})
    from ray.cluster_utils import Cluster

    for left in reversed(range(STARTS)):
        cluster = Cluster()
        try:
            cluster.add_node(**head, include_dashboard=False)
            cluster.add_node(**second)
            return cluster
        except Exception:
            cluster.shutdown()
            if not left:
                raise


def kill_in_the_middle(node: Any, out: Path, done: int = 1) -> threading.Event:
    """Kill the node, from a thread, once cells are scored and each of two nodes runs one that is not.

    A cell that is scored already could end before its node does, and then nothing would be lost.

    Args:
        node: of `two_raylets`.
        out: folder of the run.
        done: cells that are scored first.

    Returns:
        set when the node is killed.
    """
    killed = threading.Event()

    def follow() -> None:
        while not (scored_and_running(out, done) and tasks_of(node)):
            time.sleep(0.05)
        kill(node)
        killed.set()

    threading.Thread(target=follow, daemon=True).start()
    return killed


def scored_and_running(out: Path, done: int) -> bool:
    """Whether so many cells are scored, and one more on each of the two nodes has begun and is not."""
    scored = len(list(out.glob("cells/*/*/*/scores.parquet")))
    return scored >= done and len(list(out.glob("cells/*/*/*/progress.json"))) - scored >= 2


def kill(node: Any) -> None:
    """SIGKILL for all processes of a node and for its workers, as a power cut would end them.

    A worker outlives its raylet for a second or so, and could send the result of a short cell in that time.
    """
    processes = [each.process for kind in node.all_processes.values() for each in kind]
    workers = [child for process in processes for child in children_of(process.pid)]
    for pid in [*(process.pid for process in processes), *workers]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for process in processes:
        process.wait()


def tasks_of(node: Any) -> list[int]:
    """Processes of a node that run a cell now."""
    (raylet,) = node.all_processes["raylet"]
    return [pid for pid in children_of(raylet.process.pid) if title_of(pid).startswith(TASK)]


def children_of(pid: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _read(task / "children").split()]


def title_of(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process has ended
        return ""
