"""A small method with images and prompts in memory, for tests of the feed and of training steps."""

from types import SimpleNamespace

import numpy as np
import torch

from baselines.registry import build
from c2seg_bench.engine.device.feed import Feed
from c2seg_bench.engine.training.step import Examples, TrainingStep
from c2seg_bench.speed.throughput import TEXT
from c2seg_bench.suite import Train

IMAGES, SIZE = 12, 64


def cache() -> SimpleNamespace:
    draw = np.random.default_rng(0)
    images = draw.integers(256, size=(IMAGES, SIZE, SIZE, 3), dtype=np.uint8)
    return SimpleNamespace(images=images, masks=(images[..., 0] > 127).astype(np.uint8))


def encoded(lengths=(3, 0, 7, 1)) -> SimpleNamespace:
    draw, lengths = np.random.default_rng(1), np.array(lengths, np.int64)
    total = int(lengths.sum())
    return SimpleNamespace(
        starts=np.cumsum(lengths) - lengths,
        lengths=lengths,
        ids=draw.integers(TEXT.vocab, size=total),
        tokens=draw.standard_normal((total, TEXT.dim), dtype=np.float32),
        pooled=draw.standard_normal((len(lengths), TEXT.dim), dtype=np.float32),
    )


def feed(device="cpu") -> Feed:
    return Feed(cache(), encoded((3, 5, 7, 1)), torch.device(device))


def loss(method, examples):
    return method(examples.images, examples.text, examples.targets)


def contrast(method, examples):
    return method(examples.images, examples.text, counts=examples.counts)


def training_step(name, fabric, stage="loss", double=False, **recipe) -> TrainingStep:
    torch.manual_seed(0)
    model = build(name, "tiny", TEXT, SIZE)
    if double:
        model.double()
    settings = Train(**{"lr": 1e-3, "clip": 1.0, **recipe})
    if stage == "pretrain_loss":
        return TrainingStep(stage, settings, fabric, model, contrast, mean_loss=False)
    return TrainingStep(stage, settings, fabric, model, loss)


def examples_of(feed: Feed, rows: np.ndarray, counts: tuple[int, ...] = ()) -> Examples:
    batch = next(feed.batches([rows]))
    return Examples(batch.images, feed.text(rows % 4), batch.targets, counts)
