"""The loop that pretraining and training share: order by name, cosine schedule, resumption after any epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from baselines.contract import Method
from c2seg_bench.engine import checkpoint
from c2seg_bench.engine.device import peak_memory, reset_peak_memory
from c2seg_bench.engine.feed import Batch, Feed
from c2seg_bench.engine.losses import Losses
from c2seg_bench.engine.memory import advice, largest_that_fits
from c2seg_bench.engine.progress import Progress
from c2seg_bench.engine.schedule import cosine, shuffled, stops_early
from c2seg_bench.engine.step import Examples, Loss, TrainingStep
from c2seg_bench.errors import InputError
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Train


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a cell: pretraining or training.

    Args:
        name: "pretrain" or "train"; names the stage's state file and its lines in the log.
        loss_method: the method of the model that gives the loss.
        folder: of the cell.
        key: suite, dataset, label and seed; these names decide the stage's random state.
        request: digest of all that decides the result; an interrupted state of another request is not resumed.
        rows: (N,) rows of the cache that the stage trains on.
        recipe: epochs, batch, learning rate and the rest.
    """

    name: str
    loss_method: str
    folder: Path
    key: tuple[str, ...]
    request: str
    rows: np.ndarray
    recipe: Train


@dataclass
class Outcome:
    """The course of a stage so far.

    Args:
        epochs, seconds: done, validation included.
        best, best_epoch: the best figure of `validate` and its epoch, from 1.
        history: per epoch, its number, mean loss and figure.
        images, step_seconds: pictures trained on, and the time that took, without validation.
        peak_memory: bytes; of the GPU, else of the process.
    """

    epochs: int = 0
    seconds: float = 0.0
    best: float = -math.inf
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    images: int = 0
    step_seconds: float = 0.0
    peak_memory: int = 0


def run_epochs(
    stage: Stage,
    fabric: Any,
    model: Method,
    feed: Feed,
    examples_of: Callable[[Batch, int], Examples],
    loss: Loss,
    validate: Callable[[], float] | None = None,
    keep: Callable[[int, float], None] | None = None,
) -> Outcome:
    """Train `model` for `recipe.epochs`, resuming from the state in the cell's folder where it is of the same request.

    Args:
        examples_of: (batch, epoch) -> what the loss is computed of.
        loss: (method, examples) -> scalar; `method` is the model's `stage.loss_method`.
        validate: the figure to maximise, after each epoch. Without it: minus the mean loss.
        keep: (epoch, figure) -> None, called where the figure is the best so far.

    Raises:
        InputError: a batch does not fit into the GPU's memory; the message has the number of pictures that does.
        RuntimeError: the loss is not finite.
    """
    recipe = stage.recipe
    step = TrainingStep(stage.loss_method, recipe, fabric, model, loss)
    outcome = _resume(_state_file(stage), stage, model, step.optimizer)
    per_epoch = len(shuffled(stage.rows, recipe.batch, "count"))
    progress = Progress(stage.folder, stage.name, recipe.epochs * per_epoch, outcome.epochs * per_epoch)
    reset_peak_memory(fabric.device)
    try:
        _epochs(stage, step, feed, examples_of, outcome, progress, validate, keep)
        return outcome
    except torch.OutOfMemoryError:
        pass  # the traceback keeps the failed step's tensors; they are free after this block

    def attempt(count: int) -> None:
        step.model.train()
        step.gradients(examples_of(next(feed.batches([stage.rows[:count]])), 0))

    pictures = min(recipe.micro_batch or recipe.batch, len(stage.rows))
    fits = largest_that_fits(attempt, pictures)
    _, dataset, label, number = stage.key
    raise InputError(advice(f"{dataset} / {label} / seed {number}", stage.name, pictures, fits))


def _epochs(
    stage: Stage,
    step: TrainingStep,
    feed: Feed,
    examples_of: Callable[[Batch, int], Examples],
    outcome: Outcome,
    progress: Progress,
    validate: Callable[[], float] | None,
    keep: Callable[[int, float], None] | None,
) -> None:
    """Train from `outcome.epochs` on, and add to `outcome` what happens."""
    recipe = stage.recipe
    for epoch in range(outcome.epochs, recipe.epochs):
        if stops_early(epoch, outcome.best_epoch, recipe.patience):
            break
        start = time.monotonic()
        torch.manual_seed(seed(*stage.key, stage.name, "dropout", epoch))
        mean_loss = _epoch(stage, step, feed, examples_of, epoch, outcome, progress)
        outcome.step_seconds += time.monotonic() - start
        figure = validate() if validate else -mean_loss
        outcome.epochs = epoch + 1
        outcome.seconds += time.monotonic() - start
        outcome.images += len(stage.rows)
        outcome.peak_memory = max(outcome.peak_memory, peak_memory(feed.device))
        outcome.history.append({"epoch": epoch + 1, "loss": mean_loss, "figure": figure})
        progress.epoch(epoch=epoch + 1, loss=mean_loss, figure=figure, seconds=outcome.seconds)
        if figure > outcome.best:
            outcome.best, outcome.best_epoch = figure, epoch + 1
            if keep:
                keep(epoch + 1, figure)
        _keep_state(_state_file(stage), stage, step.model, step.optimizer, outcome)


def _epoch(
    stage: Stage,
    step: TrainingStep,
    feed: Feed,
    examples_of: Callable[[Batch, int], Examples],
    epoch: int,
    outcome: Outcome,
    progress: Progress,
) -> float:
    """Train for one epoch; its mean loss. The device is waited for only where the loss is read."""
    recipe = stage.recipe
    order = shuffled(stage.rows, recipe.batch, *stage.key, stage.name, "order", epoch)
    losses, often = Losses(len(order), feed.device), max(1, len(order) // 10)
    best = outcome.best if math.isfinite(outcome.best) else None
    step.model.train()
    for i, batch in enumerate(feed.batches(order)):
        done = epoch * len(order) + i
        share = cosine(done, recipe.epochs * len(order), recipe.lr, recipe.min_lr)
        losses.add(step(examples_of(batch, epoch), share))
        if (i + 1) % often == 0 or progress.due(done + 1) or i + 1 == len(order):
            values = losses.read()
            wrong = values[~np.isfinite(values)]
            if wrong.size:
                raise RuntimeError(
                    f"{stage.folder}: the loss became {wrong[0]} in epoch {epoch + 1}; lower lr or set clip"
                )
            progress.step(done + 1, loss=float(np.mean(values[-20:])), best=best)
    return float(np.mean(losses.read()))


def _state_file(stage: Stage) -> Path:
    return stage.folder / f"{stage.name}-state.pt"


def _keep_state(file: Path, stage: Stage, model: nn.Module, optimizer: Any, outcome: Outcome) -> None:
    state = {"request": stage.request, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    checkpoint.save_state(file, **state, outcome=vars(outcome))


def _resume(file: Path, stage: Stage, model: nn.Module, optimizer: Any) -> Outcome:
    state = checkpoint.load_state(file)
    if state is None or state["request"] != stage.request:
        return Outcome()
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return Outcome(**state["outcome"])
