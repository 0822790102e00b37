"""The Lightning Fabric of a cell: its device, precision and number of threads."""

from __future__ import annotations

import logging
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from c2seg_bench.errors import InputError
from c2seg_bench.suite import Suite

if TYPE_CHECKING:
    import torch


def uses_cuda(suite: Suite) -> bool:
    """Whether the suite's cells run on a GPU of this machine; InputError if they cannot run as it says."""
    import torch

    if suite.device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "device: cuda, but no CUDA device is visible; set device: auto or cpu (see c2seg-bench doctor)"
        )
    cuda = suite.device != "cpu" and torch.cuda.is_available()
    if suite.precision == "16-mixed" and not cuda:
        raise InputError("precision: 16-mixed needs a CUDA device; set 32-true or bf16-mixed on a CPU")
    return cuda


def machine(fabric: Any) -> str:
    """The machine in one line, e.g. "Linux x86_64, 2 cores, cpu"."""
    import torch

    device = torch.cuda.get_device_name(fabric.device) if fabric.device.type == "cuda" else fabric.device.type
    return f"{host()}, {device}"


def host() -> str:
    """The machine without its GPU."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def launch(suite: Suite) -> Any:
    """A started Fabric. `device: cuda` without a GPU is an error; `auto` uses a GPU where there is one."""
    from lightning_fabric import Fabric

    cuda = uses_cuda(suite)
    configure(suite)
    fabric = Fabric(accelerator="cuda" if cuda else "cpu", devices=1, precision=suite.precision)
    fabric.launch()
    return fabric


def configure(suite: Suite) -> None:
    """Set this process's number of threads, and a GPU's precision of matrix products."""
    import torch

    torch.set_num_threads(suite.threads)
    logging.getLogger("lightning_fabric").setLevel(logging.ERROR)
    if uses_cuda(suite):
        torch.backends.cudnn.benchmark = True  # all batches but the last have one size
        if suite.precision != "32-true":  # products that autocast leaves in float32 may use TF32
            torch.set_float32_matmul_precision("high")


def processes(suite: Suite) -> Any:
    """A Fabric for `devices` processes that train one cell together; to be launched with a function."""
    from lightning_fabric import Fabric
    from lightning_fabric.strategies import DDPStrategy

    cuda = uses_cuda(suite)
    strategy = DDPStrategy(start_method="spawn", find_unused_parameters=True)  # a stage may train a part of a method
    accelerator = "cuda" if cuda else "cpu"
    return Fabric(accelerator=accelerator, devices=suite.devices, strategy=strategy, precision=suite.precision)


@contextmanager
def shapes_vary() -> Iterator[None]:
    """Where batches have many sizes, cuDNN does not time its algorithms for each of them."""
    import torch

    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def reset_peak_memory(device: torch.device) -> None:
    """Start to measure `peak_memory` of a GPU again. That of a process cannot be reset."""
    import torch

    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def peak_memory(device: torch.device) -> int:
    """Bytes: the most that tensors took on the GPU since `reset_peak_memory`, else the most the process ever had."""
    import torch

    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform == "win32":  # has no getrusage
        return 0
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else 1024 * used
