"""The loop that pretraining and training share: epochs of named order, cosine schedule, resume at the epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from c2seg_bench.engine import checkpoint
from c2seg_bench.engine.material import shuffled
from c2seg_bench.engine.progress import Progress
from c2seg_bench.seeding import seed

OPTIMIZERS: dict[str, Any] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": partial(torch.optim.SGD, momentum=0.99, nesterov=True),  # as nnU-Net
}


@dataclass
class Plan:
    """What one stage does. `key` names its random state; `request` says when an interrupted state may be resumed."""

    stage: str
    method: str
    folder: Path
    key: tuple[str, ...]
    request: str
    rows: np.ndarray
    epochs: int
    batch: int
    lr: float
    min_lr: float = 1e-6
    weight_decay: float = 0.0
    optimizer: str = "adam"
    clip: float | None = None
    patience: int | None = None


@dataclass
class Outcome:
    """How a stage went."""

    epochs: int = 0
    seconds: float = 0.0
    best: float = -math.inf
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def cosine(step: int, steps: int, lr: float, min_lr: float) -> float:
    """Share of the first learning rate at this step."""
    low = min(min_lr / lr, 1.0)
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * step / max(steps, 1)))


def run_epochs(
    plan: Plan,
    fabric: Any,
    model: nn.Module,
    loss_of: Callable[[Callable[..., Tensor], np.ndarray, int], Tensor],
    validate: Callable[[], float] | None = None,
    keep: Callable[[int, float], None] | None = None,
) -> Outcome:
    """Train `model` for `plan.epochs`, resuming from the folder's state where it belongs to the same request.

    `loss_of(call, rows, epoch)` gives the loss of a batch by calling the method's `plan.method`; `validate()` a figure
    to maximise after each epoch (without it, the negative mean loss counts); `keep(epoch, figure)` is called when the
    figure is the best so far.
    """
    optimizer = OPTIMIZERS[plan.optimizer](model.param_groups(plan.lr, plan.weight_decay), lr=plan.lr)  # type: ignore[operator]
    wrapped, optimizer = fabric.setup(model, optimizer)
    wrapped.mark_forward_method(plan.method)  # so that precision and data parallelism apply to it as to forward
    call = getattr(wrapped, plan.method)
    rates = [group["lr"] for group in optimizer.param_groups]  # the first ones: a state holds those of its epoch
    state_file = plan.folder / f"{plan.stage}-state.pt"
    outcome = _resume(state_file, plan, model, optimizer)
    per_epoch = len(shuffled(plan.rows, plan.batch, "count"))
    steps = plan.epochs * per_epoch
    progress = Progress(plan.folder, plan.stage, steps, outcome.epochs * per_epoch)

    for epoch in range(outcome.epochs, plan.epochs):
        if plan.patience and epoch - outcome.best_epoch > plan.patience:
            break
        start = time.monotonic()
        torch.manual_seed(seed(*plan.key, plan.stage, "dropout", epoch))
        model.train()
        losses = []
        for i, rows in enumerate(shuffled(plan.rows, plan.batch, *plan.key, plan.stage, "order", epoch)):
            done = epoch * per_epoch + i
            for group, first in zip(optimizer.param_groups, rates, strict=True):  # loading a state makes new groups
                group["lr"] = first * cosine(done, steps, plan.lr, plan.min_lr)
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(call, rows, epoch)
            fabric.backward(loss)
            if plan.clip:
                fabric.clip_gradients(wrapped, optimizer, max_norm=plan.clip, error_if_nonfinite=False)
            optimizer.step()
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                raise RuntimeError(
                    f"{plan.folder}: the loss became {losses[-1]} in epoch {epoch + 1}; lower lr or set clip"
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
        _keep_state(state_file, plan, model, optimizer, outcome)
    return outcome


def _shown(best: float) -> float | None:
    return best if math.isfinite(best) else None


def _keep_state(file: Path, plan: Plan, model: nn.Module, optimizer: Any, outcome: Outcome) -> None:
    state = {"request": plan.request, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    checkpoint.save_state(file, **state, outcome=vars(outcome))


def _resume(file: Path, plan: Plan, model: nn.Module, optimizer: Any) -> Outcome:
    state = checkpoint.load_state(file)
    if state is None or state["request"] != plan.request:
        return Outcome()
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return Outcome(**state["outcome"])
