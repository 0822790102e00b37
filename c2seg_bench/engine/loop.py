"""The loop that pretraining and training share: order by name, schedule, resumption after any epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from c2seg_bench.engine import checkpoint
from c2seg_bench.engine.inputs import shuffled
from c2seg_bench.engine.optimizer import make_optimizer
from c2seg_bench.engine.progress import Progress
from c2seg_bench.engine.schedule import rate_share
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Train


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a cell: pretraining or training.

    Args:
        name: "pretrain" or "train"; names the stage's state file and its lines in the log.
        loss_method: the method of the model that gives the loss.
        groups_method: the method of the model that gives the optimiser's groups of parameters.
        folder: of the cell.
        key: names that decide the stage's random state.
        request: digest of all that decides the result; an interrupted state of another request is not resumed.
        rows: (N,) rows of the cache that the stage trains on.
        recipe: epochs, batch, learning rate and the rest.
    """

    name: str
    loss_method: str
    groups_method: str = "param_groups"
    folder: Path
    key: tuple[str, ...]
    request: str
    rows: np.ndarray
    recipe: Train


@dataclass
class Outcome:
    """The course of a stage so far; figures are those of `validate`."""

    epochs: int = 0
    seconds: float = 0.0
    best: float = -math.inf
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def epoch_batches(stage: Stage, *names: object) -> list[np.ndarray]:
    """The batches of an epoch: one pass over the rows, or as many steps as the recipe counts, in an order by name."""
    batches = shuffled(stage.rows, stage.recipe.batch, *names)
    if stage.recipe.epoch_steps is None:
        return batches
    passes = 1
    while len(batches) < stage.recipe.epoch_steps:
        batches += shuffled(stage.rows, stage.recipe.batch, *names, passes)
        passes += 1
    return batches[: stage.recipe.epoch_steps]


def run_epochs(
    stage: Stage,
    fabric: Any,
    model: nn.Module,
    loss_of: Callable[[Callable[..., Tensor], np.ndarray, int], Tensor],
    validate: Callable[[], float] | None = None,
    keep: Callable[[int, float], None] | None = None,
) -> Outcome:
    """Train `model` for `recipe.epochs`, resuming from the state in the cell's folder where it is of the same request.

    Args:
        loss_of: (call, rows, epoch) -> loss of a batch; `call` is the model's `stage.loss_method`.
        validate: the figure to maximise, after each epoch. Without it: minus the mean loss.
        keep: (epoch, figure) -> None, called where the figure is the best so far.
    """
    recipe = stage.recipe
    groups = getattr(model, stage.groups_method)(recipe.lr, recipe.weight_decay)
    optimizer = make_optimizer(recipe, groups)
    wrapped, optimizer = fabric.setup(model, optimizer)
    wrapped.mark_forward_method(stage.loss_method)  # applies precision and data parallelism as to forward
    call = getattr(wrapped, stage.loss_method)
    rates = [group["lr"] for group in optimizer.param_groups]  # the initial ones: a saved state has those of its epoch
    state_file = stage.folder / f"{stage.name}-state.pt"
    outcome = _resume(state_file, stage, model, optimizer)
    per_epoch = len(epoch_batches(stage, "count"))
    steps = recipe.epochs * per_epoch
    progress = Progress(stage.folder, stage.name, steps, outcome.epochs * per_epoch)

    for epoch in range(outcome.epochs, recipe.epochs):
        if recipe.patience and epoch - outcome.best_epoch > recipe.patience:
            break
        start = time.monotonic()
        torch.manual_seed(seed(*stage.key, stage.name, "dropout", epoch))
        model.train()
        losses = []
        for i, rows in enumerate(epoch_batches(stage, *stage.key, stage.name, "order", epoch)):
            done = epoch * per_epoch + i
            share = rate_share(recipe, epoch, i, per_epoch, [entry["figure"] for entry in outcome.history])
            for group, first in zip(optimizer.param_groups, rates, strict=True):  # loading a state replaces the groups
                group["lr"] = first * share
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(call, rows, epoch)
            fabric.backward(loss)
            if recipe.clip:
                fabric.clip_gradients(wrapped, optimizer, max_norm=recipe.clip, error_if_nonfinite=False)
            optimizer.step()
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                raise RuntimeError(
                    f"{stage.folder}: the loss became {losses[-1]} in epoch {epoch + 1}; lower lr or set clip"
                )
            progress.step(done + 1, loss=float(np.mean(losses[-20:])), best=_shown(outcome.best))
        figure = validate() if validate else -float(np.mean(losses))
        outcome.epochs = epoch + 1
        outcome.seconds += time.monotonic() - start
        outcome.history.append({"epoch": epoch + 1, "loss": float(np.mean(losses)), "figure": figure})
        progress.epoch(epoch=epoch + 1, loss=float(np.mean(losses)), figure=figure, seconds=outcome.seconds)
        if figure > outcome.best:
            outcome.best, outcome.best_epoch = figure, epoch + 1
            if keep:
                keep(epoch + 1, figure)
        _keep_state(state_file, stage, model, optimizer, outcome)
    return outcome


def _shown(best: float) -> float | None:
    return best if math.isfinite(best) else None


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
