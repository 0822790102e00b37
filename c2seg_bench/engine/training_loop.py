"""The loop that pretraining and training share: order by name, schedule, resumption after any epoch."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from baselines.contract import Method
from c2seg_bench.engine import checkpoint, stage_state
from c2seg_bench.engine.device import peak_memory, reset_peak_memory
from c2seg_bench.engine.feed import Batch, Feed
from c2seg_bench.engine.losses import Losses
from c2seg_bench.engine.memory import largest_that_fits, training_advice
from c2seg_bench.engine.progress import Progress
from c2seg_bench.engine.schedule import epoch_batches, rate_share, stops_early
from c2seg_bench.engine.step import Examples, Loss, TrainingStep
from c2seg_bench.errors import InputError
from c2seg_bench.files import set_aside
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Train

ExamplesOf = Callable[[Batch, int, np.ndarray], Examples]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a cell: pretraining or training.

    Args:
        name: "pretrain" or "train"; names the stage's state file and its lines in the log.
        loss_method: the method of the model that gives the loss.
        groups_method: the method of the model that gives the optimiser's groups of parameters.
        mean_loss: whether the loss is a mean over pictures, see `TrainingStep`.
        folder: of the cell.
        key: suite, dataset, label and seed; these names decide the stage's random state.
        request: digest of all that decides the result; an interrupted state of another request is not resumed.
        rows: (N,) rows of the cache that the stage trains on.
        recipe: epochs, batch, learning rate and the rest.
        weights: where `keep` writes the best weights so far; without these a state is not continued from.
    """

    name: str
    loss_method: str
    groups_method: str = "param_groups"
    mean_loss: bool = True
    folder: Path
    key: tuple[str, ...]
    request: str
    rows: np.ndarray
    recipe: Train
    weights: Path | None = None


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
    examples_of: ExamplesOf,
    loss: Loss,
    validate: Callable[[], float] | None = None,
    keep: Callable[[int, float], None] | None = None,
) -> Outcome:
    """Train `model` for `recipe.epochs`, resuming from the state in the cell's folder where it is of the same request.

    Args:
        examples_of: (batch, epoch, rows) -> what the loss is computed of; `rows` are those of the whole batch, of which
            this process may have a share.
        loss: (method, examples) -> scalar; `method` is the model's `stage.loss_method`.
        validate: the figure to maximise, after each epoch. Without it: minus the mean loss.
        keep: (epoch, figure) -> None, called where the figure is the best so far.

    Raises:
        InputError: a batch does not fit into the GPU's memory; the message has the number of pictures that does.
        RuntimeError: the loss is not finite.
    """
    recipe = stage.recipe
    step = TrainingStep(stage.loss_method, recipe, fabric, model, loss, stage.mean_loss, stage.groups_method)
    outcome = _resume(_state_file(stage), stage, model, step.optimizer)
    per_epoch = len(epoch_batches(stage.rows, recipe, "count", least=max(2, fabric.world_size)))
    progress = Progress(stage.folder, stage.name, recipe.epochs * per_epoch, outcome.epochs * per_epoch)
    if step.share.rank == 0:
        progress.forget_epochs_after(outcome.epochs)
    reset_peak_memory(fabric.device)
    try:
        _epochs(stage, step, feed, examples_of, outcome, progress, validate, keep)
        return outcome
    except ValueError as e:
        if "more than 1 value per channel" not in str(e):  # torch's batch norm, of one picture of one pixel
            raise
        raise InputError(
            f"{_name(stage)}: its network cannot be trained on one picture at a time; set {stage.name}.batch and "
            "micro_batch to 2 or more, and give train 2 pictures or more"
        ) from None
    except torch.OutOfMemoryError:
        pass  # until here the traceback keeps the tensors of the failed step
    largest = step.share.counts(min(recipe.batch, len(stage.rows)))[0]
    pictures, world = min(recipe.micro_batch or largest, largest), step.share.world
    fits = largest_that_fits(partial(_attempt, stage, step, feed, examples_of, loss), pictures)
    raise InputError(training_advice(_name(stage), stage.name, pictures, fits, world))


def _attempt(stage: Stage, step: TrainingStep, feed: Feed, examples_of: ExamplesOf, loss: Loss, pictures: int) -> None:
    """Loss and gradients of so many pictures, in this process alone: the others wait for it in a step that failed.

    A copy of the model exchanges nothing with them; batch norm does in training, so that it is evaluated.
    """
    step.optimizer.zero_grad(set_to_none=True)
    model = copy.deepcopy(step.model).train()
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.eval()
    rows = stage.rows[: pictures * step.share.world]
    own = rows[step.share.part(len(rows))]
    examples = examples_of(next(feed.batches([own])), 0, rows)
    with step.fabric.autocast():
        value = loss(getattr(model, stage.loss_method), examples)
    value.backward()


def _epochs(
    stage: Stage,
    step: TrainingStep,
    feed: Feed,
    examples_of: ExamplesOf,
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
        rank = step.share.rank
        torch.manual_seed(seed(*stage.key, stage.name, "dropout", epoch, *([rank] if rank else [])))
        mean_loss = _epoch(stage, step, feed, examples_of, epoch, outcome, progress)
        outcome.step_seconds += time.monotonic() - start
        figure = _in_one_process(step, validate) if validate else -mean_loss
        outcome.epochs = epoch + 1
        outcome.seconds += time.monotonic() - start
        outcome.images += sum(map(len, epoch_batches(stage.rows, recipe, "count")))
        outcome.peak_memory = max(outcome.peak_memory, peak_memory(feed.device))
        outcome.history.append({"epoch": epoch + 1, "loss": mean_loss, "figure": figure})
        better = figure > outcome.best
        if better:
            outcome.best, outcome.best_epoch = figure, epoch + 1
        if rank:  # the first process writes the files
            continue
        progress.epoch(epoch=epoch + 1, loss=mean_loss, figure=figure, seconds=outcome.seconds)
        if better and keep:
            keep(epoch + 1, figure)
        _keep_state(_state_file(stage), stage, step.model, step.optimizer, outcome)


def _epoch(
    stage: Stage,
    step: TrainingStep,
    feed: Feed,
    examples_of: ExamplesOf,
    epoch: int,
    outcome: Outcome,
    progress: Progress,
) -> float:
    """Train for one epoch; its mean loss. The device is waited for only where the loss is read."""
    recipe = stage.recipe
    parts, names = step.share, (*stage.key, stage.name, "order", epoch)
    order = epoch_batches(stage.rows, recipe, *names, least=max(2, parts.world))
    losses, often = Losses(len(order), feed.device, parts), max(1, len(order) // 10)
    best = outcome.best if math.isfinite(outcome.best) else None
    figures = [entry["figure"] for entry in outcome.history]
    step.model.train()
    own = (rows[parts.part(len(rows))] for rows in order)
    for i, (rows, batch) in enumerate(zip(order, feed.batches(own), strict=True)):
        done = epoch * len(order) + i
        share = rate_share(recipe, epoch, i, len(order), figures)
        examples = examples_of(batch, epoch, rows)
        losses.add(step(replace(examples, counts=tuple(parts.counts(len(rows)))), share))
        alone = parts.world == 1  # else all read at the same steps
        if (i + 1) % often == 0 or i + 1 == len(order) or (alone and progress.due(done + 1)):
            values = losses.read()
            wrong = values[~np.isfinite(values)]
            if wrong.size:
                raise RuntimeError(
                    f"{stage.folder}: the loss became {wrong[0]} in epoch {epoch + 1}; lower lr or set clip"
                )
            if parts.rank == 0:
                progress.step(done + 1, loss=float(np.mean(values[-20:])), best=best)
    return float(np.mean(losses.read()))


def _in_one_process(step: TrainingStep, validate: Callable[[], float]) -> float:
    """The figure, computed by the first process and handed to the others."""
    if step.share.world == 1:
        return validate()
    return step.fabric.broadcast(validate() if step.share.rank == 0 else 0.0)


def _name(stage: Stage) -> str:
    _, dataset, label, number = stage.key
    return f"{dataset} / {label} / seed {number}"


def _state_file(stage: Stage) -> Path:
    return stage.folder / f"{stage.name}-state.pt"


def _lost_weights(stage: Stage, best_epoch: int) -> str | None:
    """Why the weights that the stage kept in its best epoch are not there; they are what it ends with."""
    if stage.weights is None:
        return None
    kept = checkpoint.metadata(stage.weights) or {}
    if kept.get("request") == stage.request and kept.get("epoch", 0) >= best_epoch:
        return None
    return f"the weights of epoch {best_epoch} are not in {stage.weights.name}.safetensors"


def _keep_state(file: Path, stage: Stage, model: nn.Module, optimizer: Any, outcome: Outcome) -> None:
    state = {"request": stage.request, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    stage_state.save_state(file, **state, outcome=vars(outcome))


def _resume(file: Path, stage: Stage, model: nn.Module, optimizer: Any) -> Outcome:
    """Load the stage's state and return how far it was. One that does not fit is set aside: the stage starts again."""
    state = stage_state.load_state(file)
    if state is None or state.get("request", stage.request) != stage.request:
        return Outcome()
    fault = stage_state.fault_of(state, model, optimizer, {f.name for f in fields(Outcome)})
    if fault := fault or _lost_weights(stage, state["outcome"]["best_epoch"]):
        set_aside(file, fault)
        return Outcome()
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return Outcome(**state["outcome"])
