"""The Ray cluster that cells run on: what the command line says about it, and joining or starting it."""

from __future__ import annotations

import logging
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from c2seg_bench.errors import InputError

OBJECT_STORE = 100 * 2**20  # bytes; nothing large passes through it
CONNECT_SECONDS = 10.0
STARTS = 3  # attempts to start a cluster: Ray gives up on a node that needs over 30 s, as it may on a busy machine
ENVIRONMENT = {  # read by Ray when it is imported, and by the processes that it starts; what the user has set stays
    "RAY_USAGE_STATS_ENABLED": "0",  # a cluster that is started here reports to nobody
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else Ray warns that this will be its default
}


@dataclass(frozen=True)
class ClusterOptions:
    """Which Ray cluster a run uses, and what one cell reserves of a node.

    Args:
        address: HOST:PORT of a running cluster, or "auto" for the one that this machine belongs to. None: RAY_ADDRESS
            of the environment, else a cluster of this machine alone, which ends with the run.
        gpus: of one cell; with fractions several cells share a GPU. None: the suite's `devices` where the cluster has
            GPUs and the suite does not say `device: cpu`, else 0.
        memory: GiB of main memory of one cell; None: cells are not limited by memory.
    """

    address: str | None = None
    gpus: float | None = None
    memory: float | None = None

    def __post_init__(self) -> None:
        if self.gpus is not None and not (0 <= self.gpus < 1 or (self.gpus > 0 and float(self.gpus).is_integer())):
            raise InputError(f"--gpus {self.gpus:g}: give a whole number, or a fraction below 1")
        if self.memory is not None and not 0 < self.memory < math.inf:
            raise InputError(f"--memory {self.memory:g}: give GiB above 0, or leave it out")


@contextmanager
def joined(options: ClusterOptions, cpus: int) -> Iterator[ModuleType]:
    """Ray, connected. A connection that the caller already has is used, and stays.

    Args:
        cpus: that a cluster of this machine alone has at least.

    Raises:
        InputError: Ray is not installed, or no cluster answers at the address.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise InputError(
            "--engine ray: Ray is not installed; pip install 'c2seg-bench[ray]', or use --engine local"
        ) from None
    if ray.is_initialized():
        yield ray
        return
    address = options.address or os.environ.get("RAY_ADDRESS")
    own: dict[str, Any] = {
        "address": "local",
        "num_cpus": max(os.cpu_count() or 1, cpus),
        "include_dashboard": False,
        "object_store_memory": OBJECT_STORE,
    }
    if address:
        _refuse_silent(address)
    try:
        with _signals_kept():
            _connect(ray, address, own)
        with _without_messages_of_ray():
            yield ray
    finally:  # also where Ctrl-C comes while Ray starts
        ray.shutdown()


def _connect(ray: ModuleType, address: str | None, own: dict[str, Any]) -> None:
    """Join the cluster at the address, or start one with the settings `own`. InputError if that fails."""
    arguments = {"address": address} if address else own
    for left in reversed(range(1 if address else STARTS)):
        try:
            ray.init(**arguments, log_to_driver=False, logging_level=logging.CRITICAL)
            return
        except Exception as e:  # of many kinds, plain Exception among them
            ray.shutdown()
            if left:
                continue
            problem = " ".join(str(e).split())
            if address:
                message = f"no Ray cluster at {address} ({problem}); see docs/cluster.md"
            else:
                message = f"Ray does not start here ({problem}); use --engine local"
            raise InputError(f"--engine ray: {message}") from None


def _refuse_silent(address: str) -> None:
    """InputError if nothing listens at HOST:PORT; Ray itself would wait for minutes."""
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdigit():  # "auto", or of Ray's client
        return
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as e:
        raise InputError(
            f"--engine ray: no Ray cluster answers at {address} ({e}); start one with ray start --head, "
            "or leave --address and RAY_ADDRESS out for a cluster of this machine"
        ) from None


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Restore the handler of SIGTERM, which `ray.init` replaces."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


class _Filter:
    """Standard output, without what the thread of this name prints."""

    def __init__(self, stream: Any, thread: str):
        self.stream, self.thread = stream, thread

    def write(self, text: str) -> int:
        return len(text) if threading.current_thread().name == self.thread else self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def _without_messages_of_ray() -> Iterator[None]:
    """Drop the dozens of lines that Ray prints on stdout when a node is lost.

    Ray's own logs have them, and the run reports the lost cell in a line of its own.
    """
    with redirect_stdout(_Filter(sys.stdout, "ray_listen_error_messages")):
        yield
