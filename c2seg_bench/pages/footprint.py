"""Memory and time of one training step of a method, measured in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from baselines.contract import TextSpec

LEARNING_RATE = 1e-4


@dataclass(frozen=True)
class Footprint:
    """One training step.

    Args:
        peak_gb: peak memory of the process in GB (1e9 bytes), libraries included.
        seconds: of the step.
        loss: its value.
    """

    peak_gb: float
    seconds: float
    loss: float


def training_step(name: str, size: str, text: TextSpec, image_size: int, batch: int, threads: int = 2) -> Footprint:
    """One step of AdamW on random images and prompts of full length, on the CPU.

    Args:
        name, size: of the method.
        text: dimensions of its text encoder.
        image_size: side of the images, in pixels.
        batch: number of images.
        threads: of the CPU.

    Raises:
        MemoryError: the process ended without a result, most likely for lack of memory.
    """
    context = multiprocessing.get_context("spawn")  # a fork would start with this process's memory
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(send, name, size, text, image_size, batch, threads))
    child.start()
    send.close()
    try:
        return Footprint(*receive.recv())
    except EOFError:
        child.join()
        raise MemoryError(f"{name}: a training step of {batch} images ended with exit code {child.exitcode}") from None
    finally:
        child.join()


def _child(send, name: str, size: str, text: TextSpec, image_size: int, batch: int, threads: int) -> None:  # type: ignore[no-untyped-def]
    import torch

    from baselines.contract import TextBatch
    from baselines.registry import build

    torch.manual_seed(0)
    torch.set_num_threads(threads)
    model = build(name, size, text, image_size)
    optimiser = torch.optim.AdamW(model.param_groups(LEARNING_RATE, 0.0))
    tokens = torch.randn(batch, text.length, text.dim)
    ids, mask = torch.randint(text.vocab, tokens.shape[:2]), torch.ones(tokens.shape[:2], dtype=torch.bool)
    image, target = torch.rand(batch, 3, image_size, image_size), torch.rand(batch, 1, image_size, image_size).round()
    start = time.perf_counter()
    loss = model.loss(image, TextBatch(ids, mask, tokens, tokens.mean(1)), target)
    loss.backward()
    optimiser.step()
    seconds = time.perf_counter() - start
    send.send((_peak_gb(), seconds, loss.item()))
    send.close()


def _peak_gb() -> float:
    """Peak memory of this process in GB. On Linux ru_maxrss includes the parent's, so /proc is read instead."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
