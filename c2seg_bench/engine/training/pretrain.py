"""Stage 1 of a cell: contrastive pretraining."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from baselines.contract import Method
from c2seg_bench.engine.device.feed import Batch
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.request.request import pretraining_fingerprint
from c2seg_bench.engine.training.loop import run_epochs
from c2seg_bench.engine.training.stage import Outcome, Stage
from c2seg_bench.engine.training.step import Examples
from c2seg_bench.errors import InputError
from c2seg_bench.suite import Cell, Train


def pretrain(cell: Cell, inputs: CellInputs, fabric: Any, model: Method) -> Outcome | None:
    """Run stage 1 if the suite requests it and the method has one, else return None. Writes pretrain.safetensors."""
    recipe = cell.suite.pretraining(cell.method)
    if recipe.epochs == 0 or not model.card.pretrains:
        return None
    path, request = cell.files.pretrained, pretraining_fingerprint(cell, inputs)
    stored = checkpoint.metadata(path)
    if stored and stored["request"] == request and checkpoint.load_or_set_aside(path, model):
        return Outcome(epochs=stored["epochs"], seconds=stored["seconds"])
    options = {"tau": recipe.tau, "rho": 0.0 if recipe.contrast == "hard" else recipe.rho}
    options |= _micro_batch(cell, model)
    feed = inputs.on(fabric.device)

    def examples_of(batch: Batch, epoch: int, rows: np.ndarray) -> Examples:
        return Examples(batch.images, feed.text(inputs.prompt_rows[batch.rows]), batch.targets)

    def loss(method: Callable[..., Tensor], examples: Examples) -> Tensor:
        if len(examples.counts) > 1:
            return method(examples.images, examples.text, counts=examples.counts, **options)
        return method(examples.images, examples.text, **options)

    outcome = run_epochs(_stage(cell, inputs, request), fabric, model, feed, examples_of, loss)
    if not fabric.is_global_zero:
        return outcome
    metadata = {"request": request, "device": fabric.device.type, "epochs": outcome.epochs, "seconds": outcome.seconds}
    checkpoint.save(path, model, {**metadata, **options})
    cell.files.training_state("pretrain").unlink(missing_ok=True)
    return outcome


def _stage(cell: Cell, inputs: CellInputs, request: str) -> Stage:
    recipe, rows = cell.suite.pretraining(cell.method), inputs.cache.rows("train")
    of_pretraining_only = {"batch", "micro_batch", "contrast", "tau", "rho"}
    return Stage(
        name="pretrain",
        loss_method="pretrain_loss",
        groups_method="pretrain_groups",
        mean_loss=False,
        folder=cell.folder,
        key=cell.key,
        request=request,
        rows=rows,
        recipe=Train(**recipe.model_dump(exclude=of_pretraining_only), batch=min(recipe.batch, len(rows))),
    )


def _micro_batch(cell: Cell, model: Method) -> dict[str, int]:
    """`micro_batch` for the method's `pretrain_loss`: a contrast needs the whole batch, so the method splits it.

    InputError if the suite requests micro-batches, or several devices, and the method supports neither.
    """
    size, known = cell.suite.pretraining(cell.method).micro_batch, inspect.signature(model.pretrain_loss).parameters
    if cell.suite.devices > 1 and "counts" not in known:
        raise InputError(f"{cell.method.label}: devices: it contrasts the images of one device; set devices: 1")
    if size is None:
        return {}
    if "micro_batch" not in known:
        raise InputError(f"{cell.method.label}: pretrain.micro_batch: it encodes a batch at once; leave the key out")
    return {"micro_batch": size}
