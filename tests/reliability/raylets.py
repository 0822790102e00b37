"""Two raylets, one of which is killed: only where Ray is installed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from tests.reliability import determinism
from tests.reliability.attempt import attempt, breach
from tests.reliability.record import Row
from tests.reliability.small_run import Reference, command, run_again

PROMISE = "On Ray, a killed raylet changes no number"
MISSING = "" if find_spec("ray") else "Ray is not installed on this machine"


def tries(folder: Path, number: int = 2) -> Iterator[tuple[str, Callable[[], Row]]]:
    if MISSING:
        return
    reference = Reference(folder / "reference", determinism.SUITE)
    for name, killed in (("two raylets", False), ("one of two killed", True))[:number]:
        yield name, lambda name=name, killed=killed: on_two_raylets(name, killed, reference, folder)


def on_two_raylets(name: str, killed: bool, reference: Reference, folder: Path) -> Row:
    out = folder / "out"

    def run() -> None:
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        second = cluster.add_node(num_cpus=1)
        os.environ["RAY_ADDRESS"] = cluster.address
        if killed:

            def kill() -> None:
                time.sleep(20)  # while it trains
                for process in second.all_processes.values():
                    os.kill(process[0].process.pid, signal.SIGKILL)

            threading.Thread(target=kill, daemon=True).start()
        command("run", reference.suite, "--out", out, "--engine", "ray")

    first = attempt(run, folder / "log")
    second = run_again(reference.suite, out, folder / "log")
    broken = breach(first, codes=(0,), seconds=determinism.SECONDS) or reference.difference(out)
    return Row(name, broken or breach(second, codes=(0,)), first.cpu + second.cpu, first.megabytes)
