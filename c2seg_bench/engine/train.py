"""One cell's pretraining and training: from prepared data to the best checkpoint on validation Dice."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from baselines import registry
from baselines.contract import Method
from baselines.count import count
from c2seg_bench.engine import checkpoint
from c2seg_bench.engine.device import machine
from c2seg_bench.engine.inputs import CellInputs, augmented
from c2seg_bench.engine.loop import Outcome, Stage, run_epochs
from c2seg_bench.engine.noise import NoisyRows
from c2seg_bench.engine.predict import predict
from c2seg_bench.files import write_json
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Cell, Train, digest
from metrics import dice


def build(cell: Cell, inputs: CellInputs) -> Method:
    """The cell's method with its initial weights, which the cell's name alone decides."""
    torch.manual_seed(seed(*cell.key, "weights"))
    model = registry.build(
        cell.method.name, cell.size, inputs.table.spec, inputs.image_size, **cell.suite.options(cell.method)
    )
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a quarter faster on a CPU, and faster on tensor cores


def fingerprint(cell: Cell, inputs: CellInputs) -> str:
    """Digest of all that decides the cell's weights: its settings, the data, the text encoder."""
    return digest([cell.request(), inputs.cache.manifest["hash"], inputs.table.fingerprint, str(inputs.table.spec)])


def pretrain(cell: Cell, inputs: CellInputs, fabric: Any, model: Method) -> Outcome | None:
    """Run stage 1 where the suite requests it and the method has one; None where not. Writes pretrain.safetensors."""
    recipe = cell.suite.pretraining(cell.method)
    if recipe.epochs == 0 or not model.card.pretrains:
        return None
    path, request = cell.files.pretrained, fingerprint(cell, inputs)
    stored = checkpoint.metadata(path)
    if stored and stored["request"] == request:
        checkpoint.load(path, model)
        return Outcome(epochs=stored["epochs"], seconds=stored["seconds"])
    options = {"tau": recipe.tau, "rho": 0.0 if recipe.contrast == "hard" else recipe.rho}
    rows = inputs.cache.rows("train")
    stage = Stage(
        name="pretrain",
        loss_method="pretrain_loss",
        groups_method="pretrain_groups",
        folder=cell.folder,
        key=cell.key,
        request=request,
        rows=rows,
        recipe=Train(
            **recipe.model_dump(exclude={"batch", "contrast", "tau", "rho"}), batch=min(recipe.batch, len(rows))
        ),
    )

    def loss_of(call: Callable[..., torch.Tensor], batch: np.ndarray, epoch: int) -> torch.Tensor:
        images = inputs.images(batch, fabric.device)
        return call(images, inputs.text(batch, fabric.device), **options)

    outcome = run_epochs(stage, fabric, model, loss_of)
    checkpoint.save(path, model, {"request": request, "epochs": outcome.epochs, "seconds": outcome.seconds, **options})
    cell.files.training_state("pretrain").unlink(missing_ok=True)
    return outcome


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
        "torch": torch.__version__,
    }


def train(cell: Cell, inputs: CellInputs, fabric: Any) -> Method:
    """Run stages 1 and 2 and return the method with its best weights. Writes checkpoint.safetensors and .json."""
    model = build(cell, inputs)
    path, request = cell.files.checkpoint, fingerprint(cell, inputs)
    stored = checkpoint.metadata(path)
    if stored and stored["request"] == request and stored["finished"]:
        checkpoint.load(path, model)
        return model.to(fabric.device)
    first = pretrain(cell, inputs, fabric, model)
    recipe = cell.suite.training(cell.method)
    rows, held_out = inputs.cache.rows("train"), inputs.cache.rows("val")
    stage = Stage(
        name="train", loss_method="loss", folder=cell.folder, key=cell.key, request=request, rows=rows, recipe=recipe
    )
    metadata = {"request": request, **describe(cell, inputs, model, fabric)}

    def loss_of(call: Callable[..., torch.Tensor], batch: np.ndarray, epoch: int) -> torch.Tensor:
        images = inputs.images(batch, fabric.device)
        images = augmented(images, recipe.augment, *cell.key, "augment", epoch, int(batch[0]))
        text = inputs.table.batch(noisy(batch, epoch), fabric.device) if noisy else inputs.text(batch, fabric.device)
        return call(images, text, inputs.targets(batch, fabric.device))

    noisy = NoisyRows(inputs, rows, recipe.noise, cell.key) if recipe.noise else None

    def validate() -> float:
        masks = predict(model, inputs, held_out, {"clean": inputs.prompt_rows[held_out]}, fabric)["clean"].unpack()
        return float(np.mean([dice(p, t) for p, t in zip(masks, inputs.cache.masks[held_out], strict=True)]))

    def keep(epoch: int, figure: float) -> None:
        checkpoint.save(path, model, {**metadata, "epoch": epoch, "val_dice": figure, "finished": False})

    outcome = run_epochs(stage, fabric, model, loss_of, validate, keep)
    seconds = outcome.seconds + (first.seconds if first else 0.0)
    checkpoint.load(path, model)
    write_json(
        path.with_suffix(".json"),
        {
            **metadata,
            "epoch": outcome.best_epoch,
            "epochs": outcome.epochs,
            "val_dice": outcome.best,
            "finished": True,
            "date": datetime.date.today().isoformat(),
            "seconds": seconds,
            "pretrain_epochs": first.epochs if first else 0,
            "history": outcome.history,
        },
    )
    cell.files.training_state("train").unlink(missing_ok=True)
    return model
