"""One cell's training: from prepared data to the checkpoint with the best validation Dice."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor
from torch.multiprocessing import ProcessRaisedException

from baselines.contract import Method
from c2seg_bench.engine.device.device import configure, processes
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.prediction.validation import mean_dice
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.request.request import fingerprint
from c2seg_bench.engine.training.build import build, describe
from c2seg_bench.engine.training.examples import TrainingExamples
from c2seg_bench.engine.training.loop import run_epochs
from c2seg_bench.engine.training.pretrain import pretrain
from c2seg_bench.engine.training.stage import Outcome, Stage
from c2seg_bench.engine.training.step import Examples
from c2seg_bench.errors import InputError
from c2seg_bench.suite import Cell


def train(cell: Cell, inputs: CellInputs, fabric: Any) -> Method:
    """Run stages 1 and 2 and return the method with its best weights. Writes checkpoint.safetensors and .json."""
    model = build(cell, inputs)
    path, request = cell.files.checkpoint, fingerprint(cell, inputs)
    if _load_finished(cell, request, model):
        return model.to(fabric.device)
    if cell.suite.devices > 1 and fabric.world_size == 1:
        _train_in_processes(cell)
        checkpoint.load(path, model)
        return model.to(fabric.device)
    pretraining = pretrain(cell, inputs, fabric, model)
    if pretraining and fabric.world_size > 1:  # the old stage's exchange of gradients hangs on the old parameters
        fabric.barrier()
        checkpoint.load(cell.files.pretrained, model := build(cell, inputs))
    metadata = {"request": request, **describe(cell, inputs, model, fabric)}
    if cell.suite.compile:
        model.compile()
    training = _run_stage(cell, inputs, fabric, model, metadata)
    if fabric.is_global_zero:
        checkpoint.load(path, model)
        checkpoint.describe(path, {**metadata, **_summary(training, pretraining)})
        cell.files.training_state("train").unlink(missing_ok=True)
    return model


def _load_finished(cell: Cell, request: str, model: Method) -> bool:
    """Load the checkpoint into the model if it is finished and of this request. Whether it is."""
    path = cell.files.checkpoint
    stored = checkpoint.metadata(path)
    if not (stored and stored["request"] == request and stored["finished"]):
        return False
    if not checkpoint.load_or_set_aside(path, model):
        return False
    for stage in ("pretrain", "train"):  # still there if the process was killed right after it wrote the checkpoint
        cell.files.training_state(stage).unlink(missing_ok=True)
    return True


def _run_stage(cell: Cell, inputs: CellInputs, fabric: Any, model: Method, metadata: dict[str, Any]) -> Outcome:
    """Stage 2. Writes the best weights so far as the checkpoint, with `metadata`."""
    recipe, path = cell.suite.training(cell.method), cell.files.checkpoint
    weights = {k: v for k, v in recipe.follow.weights.items() if v} if recipe.follow else {}
    stage = Stage(
        name="train",
        loss_method="following_loss" if weights else "loss",
        folder=cell.folder,
        key=cell.key,
        request=metadata["request"],
        rows=inputs.cache.rows("train"),
        recipe=recipe,
        weights=path,
    )
    validation_rows = inputs.cache.rows("val")

    def loss(method: Callable[..., Tensor], examples: Examples) -> Tensor:
        further = {"reworded": examples.reworded, **weights} if weights else {}
        return method(examples.images, examples.text, examples.targets, **further)

    def validate() -> float:
        return mean_dice(model, inputs, validation_rows, fabric, cell.suite.predict_batch, cell.title)

    def save_best(epoch: int, dice: float) -> None:
        checkpoint.save(path, model, {**metadata, "epoch": epoch, "val_dice": dice, "finished": False})

    examples_of = TrainingExamples(cell, inputs, fabric)
    return run_epochs(stage, fabric, model, inputs.on(fabric.device), examples_of, loss, validate, save_best)


def _summary(training: Outcome, pretraining: Outcome | None) -> dict[str, Any]:
    """The part of checkpoint.json that describes the course of training."""
    return {
        "epoch": training.best_epoch,
        "epochs": training.epochs,
        "val_dice": training.best,
        "finished": True,
        "date": datetime.date.today().isoformat(),
        "seconds": training.seconds + (pretraining.seconds if pretraining else 0.0),
        "pretrain_epochs": pretraining.epochs if pretraining else 0,
        "images_per_second": training.images / training.step_seconds if training.step_seconds else None,
        "peak_memory_gib": training.peak_memory / 2**30,
        "history": training.history,
    }


def _train_in_processes(cell: Cell) -> None:
    """Train a cell in `devices` processes, which leave its checkpoint, or the state that the next call resumes."""
    try:
        processes(cell.suite).launch(partial(_train_in_process, cell))
    except ProcessRaisedException as e:
        last_line = str(e).strip().splitlines()[-1]
        if (message := last_line.partition("errors.InputError: ")[2]) == "":
            raise
        raise InputError(message) from None


def _train_in_process(cell: Cell, fabric: Any) -> None:
    configure(cell.suite)
    train(cell, CellInputs.open(cell.run.data(cell.dataset), cell.run.text(cell.text)), fabric)
    fabric.barrier()
