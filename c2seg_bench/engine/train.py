"""One cell's pretraining and training: from prepared data to the best checkpoint on validation Dice."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.multiprocessing import ProcessRaisedException

from baselines import registry
from baselines.contract import Method
from baselines.count import count
from c2seg_bench.engine import checkpoint
from c2seg_bench.engine.device import configure, machine, processes
from c2seg_bench.engine.feed import Batch
from c2seg_bench.engine.inputs import CellInputs
from c2seg_bench.engine.predict import mean_dice
from c2seg_bench.engine.request import fingerprint, pretraining_fingerprint
from c2seg_bench.engine.step import Examples
from c2seg_bench.engine.training_examples import TrainingExamples
from c2seg_bench.engine.training_loop import Outcome, Stage, run_epochs
from c2seg_bench.errors import InputError
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Cell, Train


def build(cell: Cell, inputs: CellInputs) -> Method:
    """The cell's method with its initial weights, which the cell's name alone decides."""
    torch.manual_seed(seed(*cell.key, "weights"))
    model = registry.build(
        cell.method.name, cell.size, inputs.table.spec, inputs.image_size, **cell.suite.options(cell.method)
    )
    # channels last: a quarter faster on a CPU, and what a GPU's tensor cores read
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def pretrain(cell: Cell, inputs: CellInputs, fabric: Any, model: Method) -> Outcome | None:
    """Run stage 1 where the suite requests it and the method has one; None where not. Writes pretrain.safetensors."""
    recipe = cell.suite.pretraining(cell.method)
    if recipe.epochs == 0 or not model.card.pretrains:
        return None
    path, request = cell.files.pretrained, pretraining_fingerprint(cell, inputs)
    stored = checkpoint.metadata(path)
    if stored and stored["request"] == request and checkpoint.load_or_set_aside(path, model):
        return Outcome(epochs=stored["epochs"], seconds=stored["seconds"])
    options = {"tau": recipe.tau, "rho": 0.0 if recipe.contrast == "hard" else recipe.rho}
    options |= _parts_of_pretraining(cell, model)
    rows = inputs.cache.rows("train")
    stage = Stage(
        name="pretrain",
        loss_method="pretrain_loss",
        groups_method="pretrain_groups",
        mean_loss=False,
        folder=cell.folder,
        key=cell.key,
        request=request,
        rows=rows,
        recipe=Train(
            **recipe.model_dump(exclude={"batch", "micro_batch", "contrast", "tau", "rho"}),
            batch=min(recipe.batch, len(rows)),
        ),
    )
    feed = inputs.on(fabric.device)

    def examples_of(batch: Batch, epoch: int, rows: np.ndarray) -> Examples:
        return Examples(batch.images, feed.text(inputs.prompt_rows[batch.rows]), batch.targets)

    def loss(method: Callable[..., Tensor], examples: Examples) -> Tensor:
        if len(examples.counts) > 1:
            return method(examples.images, examples.text, counts=examples.counts, **options)
        return method(examples.images, examples.text, **options)

    outcome = run_epochs(stage, fabric, model, feed, examples_of, loss)
    if not fabric.is_global_zero:
        return outcome
    metadata = {"request": request, "device": fabric.device.type, "epochs": outcome.epochs, "seconds": outcome.seconds}
    checkpoint.save(path, model, {**metadata, **options})
    cell.files.training_state("pretrain").unlink(missing_ok=True)
    return outcome


def _parts_of_pretraining(cell: Cell, model: Method) -> dict[str, int]:
    """`micro_batch` for the method's `pretrain_loss`: a contrast needs the whole batch, so the method itself splits it.

    InputError where the suite asks for parts, or for several devices, and the method cannot.
    """
    size, known = cell.suite.pretraining(cell.method).micro_batch, inspect.signature(model.pretrain_loss).parameters
    if cell.suite.devices > 1 and "counts" not in known:
        raise InputError(f"{cell.method.label}: devices: it contrasts the pictures of one device; set devices: 1")
    if size is None:
        return {}
    if "micro_batch" not in known:
        raise InputError(f"{cell.method.label}: pretrain.micro_batch: it encodes a batch at once; leave the key out")
    return {"micro_batch": size}


def describe(cell: Cell, inputs: CellInputs, model: Method, fabric: Any) -> dict[str, Any]:
    """What checkpoint.json says of the method, so that a report need not build it: its initial weights may be on
    another machine."""
    spec, size = inputs.table.spec, inputs.image_size
    return {
        "method": cell.method.name,
        "label": cell.method.label,
        "size": cell.size,
        "options": cell.suite.options(cell.method),
        "image_size": size,
        "text": vars(spec),
        "uses_text": model.card.uses_text,
        "params": count(model, spec, size),
        "machine": machine(fabric),
        "device": fabric.device.type,
        "torch": torch.__version__,
    }


def train(cell: Cell, inputs: CellInputs, fabric: Any) -> Method:
    """Run stages 1 and 2 and return the method with its best weights. Writes checkpoint.safetensors and .json."""
    model = build(cell, inputs)
    path, request = cell.files.checkpoint, fingerprint(cell, inputs)
    stored = checkpoint.metadata(path)
    if stored and stored["request"] == request and stored["finished"] and checkpoint.load_or_set_aside(path, model):
        for name in ("pretrain", "train"):  # left where the process was killed after the checkpoint was written
            cell.files.training_state(name).unlink(missing_ok=True)
        return model.to(fabric.device)
    if cell.suite.devices > 1 and fabric.world_size == 1:
        train_together(cell)
        checkpoint.load(path, model)
        return model.to(fabric.device)
    first = pretrain(cell, inputs, fabric, model)
    if first and fabric.world_size > 1:  # the old stage's exchange of gradients hangs on the old parameters
        fabric.barrier()
        checkpoint.load(cell.files.pretrained, model := build(cell, inputs))
    recipe = cell.suite.training(cell.method)
    rows, held_out = inputs.cache.rows("train"), inputs.cache.rows("val")
    weights = {k: v for k, v in recipe.follow.weights.items() if v} if recipe.follow else {}
    stage = Stage(
        name="train",
        loss_method="following_loss" if weights else "loss",
        folder=cell.folder,
        key=cell.key,
        request=request,
        rows=rows,
        recipe=recipe,
        weights=path,
    )
    metadata = {"request": request, **describe(cell, inputs, model, fabric)}

    examples_of = TrainingExamples(cell, inputs, fabric)

    def loss(method: Callable[..., Tensor], examples: Examples) -> Tensor:
        further = {"reworded": examples.reworded, **weights} if weights else {}
        return method(examples.images, examples.text, examples.targets, **further)

    def validate() -> float:
        return mean_dice(model, inputs, held_out, fabric, cell.suite.predict_batch, cell.title)

    def keep(epoch: int, figure: float) -> None:
        checkpoint.save(path, model, {**metadata, "epoch": epoch, "val_dice": figure, "finished": False})

    if cell.suite.compile:
        model.compile()
    outcome = run_epochs(stage, fabric, model, inputs.on(fabric.device), examples_of, loss, validate, keep)
    if not fabric.is_global_zero:
        return model
    seconds = outcome.seconds + (first.seconds if first else 0.0)
    checkpoint.load(path, model)
    checkpoint.describe(
        path,
        {
            **metadata,
            "epoch": outcome.best_epoch,
            "epochs": outcome.epochs,
            "val_dice": outcome.best,
            "finished": True,
            "date": datetime.date.today().isoformat(),
            "seconds": seconds,
            "pretrain_epochs": first.epochs if first else 0,
            "images_per_second": outcome.images / outcome.step_seconds if outcome.step_seconds else None,
            "peak_memory_gib": outcome.peak_memory / 2**30,
            "history": outcome.history,
        },
    )
    cell.files.training_state("train").unlink(missing_ok=True)
    return model


def train_together(cell: Cell) -> None:
    """Train a cell in `devices` processes. They leave its checkpoint, or the state that the next call resumes."""
    try:
        processes(cell.suite).launch(partial(_train_in_process, cell))
    except ProcessRaisedException as e:
        last = str(e).strip().splitlines()[-1]
        if (message := last.partition("errors.InputError: ")[2]) == "":
            raise
        raise InputError(message) from None


def _train_in_process(cell: Cell, fabric: Any) -> None:
    configure(cell.suite)
    train(cell, CellInputs.open(cell.run.data(cell.dataset), cell.run.text(cell.text)), fabric)
    fabric.barrier()
