"""How fast a method trains on this machine: images per second, share of time the GPU is busy, peak memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines import registry
from baselines.contract import TextSpec
from c2seg_bench.engine.device.device import peak_memory, reset_peak_memory
from c2seg_bench.engine.device.feed import Feed
from c2seg_bench.engine.training.losses import Losses
from c2seg_bench.engine.training.step import Examples, TrainingStep
from c2seg_bench.seeding import rng
from c2seg_bench.suite import Train
from c2seg_bench.text.encoder import EncodedPrompts

TEXT = TextSpec(dim=384, length=64, vocab=30522)  # MiniLM's
IMAGES, PROMPTS = 512, 64
TOKENS = (8, 33)  # of a prompt, at least and less than
WARM_UP = 5  # steps


def random_feed(image_size: int, device: torch.device) -> Feed:
    """Random images, masks and prompt embeddings: the time of a step does not depend on what is in them."""
    draw = rng("throughput")
    images = draw.integers(256, size=(IMAGES, image_size, image_size, 3), dtype=np.uint8)
    lengths = draw.integers(*TOKENS, size=PROMPTS)
    total = int(lengths.sum())
    prompts = EncodedPrompts(
        np.cumsum(lengths) - lengths,
        lengths,
        draw.integers(TEXT.vocab, size=total),
        draw.standard_normal((total, TEXT.dim), dtype=np.float32),
        draw.standard_normal((PROMPTS, TEXT.dim), dtype=np.float32),
    )
    return Feed(SimpleNamespace(images=images, masks=(images[..., 0] > 127).astype(np.uint8)), prompts, device)  # type: ignore[arg-type]


def measure_training(
    name: str, size: str, image_size: int, batch: int, fabric: Any, seconds: float = 10.0, compile: bool = False
) -> dict[str, Any]:
    """Train a method on random images for some seconds.

    Returns:
        method, size, batch; images_per_second; busy, the share of the time in which the GPU computes (None on a CPU);
        peak_memory_gib, of the GPU, else of the process.
    """
    torch.manual_seed(0)
    model = registry.build(name, size, TEXT, image_size)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if compile:
        model.compile()
    feed = random_feed(image_size, fabric.device)
    step = TrainingStep("loss", Train(batch=batch, clip=1.0), fabric, model, _loss)
    model.train()
    order = rng("throughput", "order")
    draw = lambda: order.integers(IMAGES, size=batch)  # noqa: E731

    def steps(count: int) -> None:
        losses = Losses(count, fabric.device)
        for loaded in feed.batches(draw() for _ in range(count)):
            losses.add(step(Examples(loaded.images, feed.text(loaded.rows % PROMPTS), loaded.targets), 1.0))
        losses.read()

    reset_peak_memory(fabric.device)
    steps(WARM_UP)
    per_step = _seconds(lambda: steps(WARM_UP)) / WARM_UP
    count = max(WARM_UP, round(seconds / per_step))
    per_step = _seconds(lambda: steps(count)) / count
    return {
        "method": name,
        "size": size,
        "batch": batch,
        "images_per_second": batch / per_step,
        "busy": _kernel_seconds(steps) / per_step if fabric.device.type == "cuda" else None,
        "peak_memory_gib": peak_memory(fabric.device) / 2**30,
    }


def _loss(method: Callable[..., Tensor], examples: Examples) -> Tensor:
    return method(examples.images, examples.text, examples.targets)


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _kernel_seconds(steps: Callable[[int], None], count: int = 10) -> float:
    """Time that the GPU computes in one step: the sum over its kernels and copies, which run one after another."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as recorded:
        steps(count)
    return sum(event.self_device_time_total for event in recorded.key_averages()) * 1e-6 / count
