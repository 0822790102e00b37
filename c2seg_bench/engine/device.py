"""The Lightning Fabric of a cell: its device, precision and number of threads."""

from __future__ import annotations

import logging
import os
import platform
from typing import Any

from c2seg_bench.errors import InputError
from c2seg_bench.suite import Suite


def uses_cuda(suite: Suite) -> bool:
    """Whether the suite's cells run on a GPU of this machine; InputError where they cannot run as it says."""
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
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {device}"


def launch(suite: Suite) -> Any:
    """A started Fabric. `device: cuda` without a GPU is an error; `auto` uses a GPU where there is one."""
    import torch
    from lightning_fabric import Fabric

    cuda = uses_cuda(suite)
    torch.set_num_threads(suite.threads)
    logging.getLogger("lightning_fabric").setLevel(logging.ERROR)
    fabric = Fabric(accelerator="cuda" if cuda else "cpu", devices=1, precision=suite.precision)
    fabric.launch()
    return fabric
