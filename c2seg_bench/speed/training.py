"""Training input beside PIL and a DataLoader, and a step of C2Seg beside one with splines by their recursion."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines import registry
from baselines.layers.kan import KANLinear
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.engine.device.feed import Feed
from c2seg_bench.engine.training.step import Examples, TrainingStep
from c2seg_bench.speed.ratio import Comparison, compare
from c2seg_bench.speed.throughput import PROMPTS, TEXT, random_feed
from c2seg_bench.suite import Train

SIDE, IMAGES, BATCH = 224, 64, 16
STEP_SIDE, STEP_BATCH = 128, 4


def comparisons(fabric: Any) -> Iterator[Comparison]:
    """An epoch of input at 224x224, and a step of C2Seg at size tiny, both on one core."""
    with TemporaryDirectory() as folder:
        cache = prepare("phantom", Path(folder) / "cache", SIDE, train=IMAGES, val=1, test=1)
        yield _input(cache, Path(folder) / "files", fabric)
    step, examples = _step(fabric)
    model = step.model

    def plain() -> None:
        with recursive_splines(), _every_prompt(model):
            step(examples, 1.0)

    name = f"C2Seg tiny, step of {STEP_BATCH} at {STEP_SIDE}x{STEP_SIDE}"
    peer = "the same network, splines by Cox and de Boor's recursion, every prompt projected"
    yield compare("training step", name, peer, lambda: step(examples, 1.0), plain)


class Files(torch.utils.data.Dataset):
    """Images and masks as most repositories read them: PIL, resize, divide by 255, one file after another."""

    def __init__(self, folder: Path, count: int):
        self.folder, self.count = folder, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        from PIL import Image

        image = Image.open(self.folder / f"{i}.png").convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        mask = Image.open(self.folder / f"{i}-mask.png").convert("L").resize((SIDE, SIDE), Image.Resampling.NEAREST)
        pixels = torch.from_numpy(np.asarray(image, np.float32) / 255).permute(2, 0, 1)
        return pixels, torch.from_numpy(np.asarray(mask) > 127).float()[None]


def _input(cache: Cache, folder: Path, fabric: Any) -> Comparison:
    from PIL import Image

    folder.mkdir()
    for i in range(IMAGES):
        Image.fromarray(cache.images[i]).save(folder / f"{i}.png")
        Image.fromarray(cache.masks[i] * np.uint8(255)).save(folder / f"{i}-mask.png")
    loader = torch.utils.data.DataLoader(Files(folder, IMAGES), batch_size=BATCH, shuffle=True)
    feed = Feed(cache, random_feed(STEP_SIDE, fabric.device).prompts.encoded, fabric.device)
    order = np.random.default_rng(0).permutation(IMAGES).reshape(-1, BATCH)

    def own() -> None:
        for batch in feed.batches(order):
            feed.text(batch.rows % PROMPTS)

    work = f"{IMAGES} pairs at {SIDE}x{SIDE}, batches of {BATCH}, prompts with ours"
    return compare("training input", work, "PIL and a DataLoader", own, lambda: list(loader))


def _step(fabric: Any) -> tuple[TrainingStep, Examples]:
    torch.manual_seed(0)
    model = registry.build("c2seg", "tiny", TEXT, STEP_SIDE)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    step = TrainingStep(
        "loss", Train(batch=STEP_BATCH), fabric, model, lambda method, x: method(x.images, x.text, x.targets)
    )
    feed, rows = random_feed(STEP_SIDE, fabric.device), np.arange(STEP_BATCH)
    batch = next(feed.batches([rows]))
    return step, Examples(batch.images, feed.text(rows // 2), batch.targets)  # every prompt twice, as prompts repeat


def recursion(x: Tensor, centre: Tensor, step: float) -> Tensor:
    """Cubic B-splines by the recursion of Cox and de Boor, like `bases.spline`: (..., in) -> (..., bases, in)."""
    first = float(centre[0]) - 2 * step
    knots = first + step * torch.arange(len(centre) + 4, dtype=x.dtype, device=x.device)[:, None]  # (bases + 4, 1)
    x = x.unsqueeze(-2)  # (..., 1, in)
    table = ((x >= knots[:-1]) & (x < knots[1:])).to(x.dtype)
    for order in (1, 2, 3):
        rising = (x - knots[: -order - 1]) / (order * step) * table[..., :-1, :]
        falling = (knots[order + 1 :] - x) / (order * step) * table[..., 1:, :]
        table = rising + falling
    return table


@contextmanager
def recursive_splines() -> Iterator[None]:
    """KAN layers compute their splines by `recursion`."""
    module: Any = sys.modules[KANLinear.__module__]
    before, module.spline = module.spline, recursion
    try:
        yield
    finally:
        module.spline = before


@contextmanager
def _every_prompt(model: Any) -> Iterator[None]:
    """C2Seg projects each prompt of a batch, whether or not it repeats."""
    module: Any = sys.modules[type(model).__module__]
    before = module.distinct_prompts
    module.distinct_prompts = lambda text: (torch.arange(len(text)),) * 2
    try:
        yield
    finally:
        module.distinct_prompts = before
