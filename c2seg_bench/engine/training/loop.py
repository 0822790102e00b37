"""The loop over epochs that pretraining and training share: order by name, schedule, a state to resume after each."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from baselines.contract import Method
from c2seg_bench.engine.device.device import peak_memory, reset_peak_memory
from c2seg_bench.engine.device.feed import Batch, Feed
from c2seg_bench.engine.device.memory import largest_that_fits, training_advice
from c2seg_bench.engine.display.progress import Progress
from c2seg_bench.engine.training import resume
from c2seg_bench.engine.training.losses import Losses
from c2seg_bench.engine.training.schedule import epoch_batches, rate_share, stops_early
from c2seg_bench.engine.training.stage import Outcome, Stage
from c2seg_bench.engine.training.step import Examples, Loss, TrainingStep
from c2seg_bench.errors import InputError
from c2seg_bench.seeding import seed

ExamplesOf = Callable[[Batch, int, np.ndarray], Examples]
Validate = Callable[[], float]
SaveBest = Callable[[int, float], None]


def run_epochs(
    stage: Stage,
    fabric: Any,
    model: Method,
    feed: Feed,
    examples_of: ExamplesOf,
    loss: Loss,
    validate: Validate | None = None,
    save_best: SaveBest | None = None,
) -> Outcome:
    """Train `model` for `recipe.epochs`. Resumes from the cell's state file if that is of the same request.

    Args:
        examples_of: (batch, epoch, rows) -> what the loss is computed from. `rows` are those of the whole batch, of
            which this process may train on a share.
        loss: (method, examples) -> scalar; `method` is the model's `stage.loss_method`.
        validate: the figure to maximise, computed after each epoch. Without it: minus the mean loss.
        save_best: (epoch, figure) -> None, called when the figure is the best so far.

    Raises:
        InputError: a batch does not fit into the GPU's memory; the message says how many images do.
        RuntimeError: the loss is not finite.
    """
    step = TrainingStep(stage.loss_method, stage.recipe, fabric, model, loss, stage.mean_loss, stage.groups_method)
    outcome = resume.load(stage, model, step.optimizer)
    reset_peak_memory(fabric.device)
    try:
        _Loop(stage, step, feed, examples_of, outcome).run(validate, save_best)
        return outcome
    except ValueError as e:
        if "more than 1 value per channel" not in str(e):  # torch's batch norm, of one image of one pixel
            raise
        raise InputError(
            f"{stage.title}: its network cannot be trained on one image at a time; set {stage.name}.batch and "
            "micro_batch to 2 or more, and give train 2 images or more"
        ) from None
    except torch.OutOfMemoryError:
        pass  # the traceback keeps the tensors of the failed step; they are free after this block
    raise _out_of_memory(stage, step, feed, examples_of, loss)


class _Loop:
    """Trains epoch by epoch from `outcome.epochs` on, and updates `outcome`. The first process writes the files."""

    def __init__(self, stage: Stage, step: TrainingStep, feed: Feed, examples_of: ExamplesOf, outcome: Outcome):
        self.stage, self.step, self.feed, self.examples_of, self.outcome = stage, step, feed, examples_of, outcome
        self.share = step.share
        per_epoch = len(self._batches("count"))
        total = stage.recipe.epochs * per_epoch
        self.progress = Progress(stage.folder, stage.name, total, outcome.epochs * per_epoch)
        if self.share.rank == 0:
            self.progress.forget_epochs_after(outcome.epochs)

    def run(self, validate: Validate | None, save_best: SaveBest | None) -> None:
        recipe, outcome = self.stage.recipe, self.outcome
        for epoch in range(outcome.epochs, recipe.epochs):
            if stops_early(epoch, outcome.best_epoch, recipe.patience):
                break
            start = time.monotonic()
            mean_loss = self._train(epoch)
            outcome.step_seconds += time.monotonic() - start
            figure = self._in_first_process(validate) if validate else -mean_loss
            outcome.seconds += time.monotonic() - start
            better = self._record(epoch, mean_loss, figure)
            if self.share.rank:
                continue
            self.progress.epoch(epoch=epoch + 1, loss=mean_loss, figure=figure, seconds=outcome.seconds)
            if better and save_best:
                save_best(epoch + 1, figure)
            resume.save(self.stage, self.step.model, self.step.optimizer, outcome)

    def _train(self, epoch: int) -> float:
        """Train for one epoch; its mean loss. Waits for the device only where the loss is read."""
        stage, outcome = self.stage, self.outcome
        self._seed_dropout(epoch)
        order = self._batches(*stage.key, stage.name, "order", epoch)
        losses = Losses(len(order), self.feed.device, self.share)
        figures = [entry["figure"] for entry in outcome.history]
        self.step.model.train()
        own = (rows[self.share.part(len(rows))] for rows in order)
        for i, (rows, batch) in enumerate(zip(order, self.feed.batches(own), strict=True)):
            rate = rate_share(stage.recipe, epoch, i, len(order), figures)
            examples = replace(self.examples_of(batch, epoch, rows), counts=tuple(self.share.counts(len(rows))))
            losses.add(self.step(examples, rate))
            if self._reads_loss(epoch, i, len(order)):
                self._show(losses, epoch, done=epoch * len(order) + i + 1)
        return float(np.mean(losses.read()))

    def _seed_dropout(self, epoch: int) -> None:
        rank = self.share.rank
        torch.manual_seed(seed(*self.stage.key, self.stage.name, "dropout", epoch, *([rank] if rank else [])))

    def _reads_loss(self, epoch: int, i: int, steps: int) -> bool:
        """Ten times an epoch, and when the progress file is due. Several processes read at the same steps."""
        if (i + 1) % max(1, steps // 10) == 0 or i + 1 == steps:
            return True
        return self.share.world == 1 and self.progress.due(epoch * steps + i + 1)

    def _show(self, losses: Losses, epoch: int, done: int) -> None:
        """Write the progress file. RuntimeError if a loss is not finite."""
        values = losses.read()
        wrong = values[~np.isfinite(values)]
        if wrong.size:
            raise RuntimeError(
                f"{self.stage.folder}: the loss became {wrong[0]} in epoch {epoch + 1}; lower lr or set clip"
            )
        if self.share.rank == 0:
            best = self.outcome.best if math.isfinite(self.outcome.best) else None
            self.progress.step(done, loss=float(np.mean(values[-20:])), best=best)

    def _in_first_process(self, validate: Validate) -> float:
        """The figure, computed by the first process and sent to the others."""
        if self.share.world == 1:
            return validate()
        return self.step.fabric.broadcast(validate() if self.share.rank == 0 else 0.0)

    def _record(self, epoch: int, mean_loss: float, figure: float) -> bool:
        """Add an epoch to the outcome. Whether its figure is the best so far."""
        outcome = self.outcome
        outcome.epochs = epoch + 1
        outcome.images += sum(map(len, epoch_batches(self.stage.rows, self.stage.recipe, "count")))
        outcome.peak_memory = max(outcome.peak_memory, peak_memory(self.feed.device))
        outcome.history.append({"epoch": epoch + 1, "loss": mean_loss, "figure": figure})
        better = figure > outcome.best
        if better:
            outcome.best, outcome.best_epoch = figure, epoch + 1
        return better

    def _batches(self, *names: object) -> list[np.ndarray]:
        return epoch_batches(self.stage.rows, self.stage.recipe, *names, least=max(2, self.share.world))


def _out_of_memory(stage: Stage, step: TrainingStep, feed: Feed, examples_of: ExamplesOf, loss: Loss) -> InputError:
    """The error of a batch that does not fit, with a number of images that does, by trial."""
    recipe, share = stage.recipe, step.share
    in_process = share.counts(min(recipe.batch, len(stage.rows)))[0]
    images = min(recipe.micro_batch or in_process, in_process)
    step.optimizer.zero_grad(set_to_none=True)

    def attempt(count: int) -> None:
        model = step.model.train() if share.world == 1 else _alone(step.model)
        rows = stage.rows[: count * share.world]
        own = rows[share.part(len(rows))]
        examples = examples_of(next(feed.batches([own])), 0, rows)
        with step.fabric.autocast():
            value = loss(getattr(model, stage.loss_method), examples)
        value.backward()

    fits = largest_that_fits(attempt, images)
    return InputError(training_advice(stage.title, stage.name, images, fits, share.world))


def _alone(model: Method) -> Method:
    """A copy that exchanges nothing with other processes, which wait in a step that failed here.

    Gradients of a copy are not exchanged; batch norm that is not in training does not exchange its sums either.
    """
    alone = copy.deepcopy(model).train()
    for module in alone.modules():
        if isinstance(module, _BatchNorm):
            module.eval()
    return alone
