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
from c2seg_bench.engine.loop import Outcome, Plan, run_epochs
from c2seg_bench.engine.material import Material, augmented
from c2seg_bench.engine.noise import NoisyRows
from c2seg_bench.engine.predict import predict
from c2seg_bench.files import write_json
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Cell, digest
from metrics import dice


def build(cell: Cell, material: Material) -> Method:
    """The cell's method with the first weights that its name gives, whatever was built before."""
    torch.manual_seed(seed(*cell.key, "weights"))
    model = registry.build(
        cell.method.name, cell.size, material.table.spec, material.image_size, **cell.suite.options(cell.method)
    )
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a quarter faster on a CPU


def fingerprint(cell: Cell, material: Material) -> str:
    """What a checkpoint of this cell stands for: the request, the data, and the text encoder's weights."""
    return digest(
        [cell.request(), material.cache.manifest["hash"], material.table.fingerprint, str(material.table.spec)]
    )


def pretrain(cell: Cell, material: Material, fabric: Any, model: Method) -> Outcome | None:
    """Stage 1, where the suite asks for it and the method has one. Leaves pretrain.safetensors, or resumes from it."""
    recipe = cell.suite.pretraining(cell.method)
    if recipe.epochs == 0 or not model.card.pretrains:
        return None
    path, request = cell.files.pretrained, fingerprint(cell, material)
    done = checkpoint.about(path)
    if done and done["request"] == request:
        checkpoint.load(path, model)
        return Outcome(epochs=done["epochs"], seconds=done["seconds"])
    options = {"tau": recipe.tau, "rho": 0.0 if recipe.contrast == "hard" else recipe.rho}
    rows = material.cache.rows("train")
    plan = Plan(
        "pretrain",
        "pretrain_loss",
        cell.folder,
        cell.key,
        request,
        rows,
        recipe.epochs,
        min(recipe.batch, len(rows)),
        recipe.lr,
    )

    def loss_of(call: Callable[..., torch.Tensor], batch: np.ndarray, epoch: int) -> torch.Tensor:
        images = material.images(batch, fabric.device)
        return call(images, material.text(batch, fabric.device), **options)

    outcome = run_epochs(plan, fabric, model, loss_of)
    checkpoint.save(path, model, {"request": request, "epochs": outcome.epochs, "seconds": outcome.seconds, **options})
    cell.files.training_state("pretrain").unlink(missing_ok=True)
    return outcome


def describe(cell: Cell, material: Material, model: Method, fabric: Any) -> dict[str, Any]:
    """What stands beside a checkpoint's weights, so that a report need not build the method: it may start from weights
    that are on another machine."""
    spec, size = material.table.spec, material.image_size
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


def train(cell: Cell, material: Material, fabric: Any) -> Method:
    """Stages 1 and 2; the method with its best weights. Leaves checkpoint.safetensors and checkpoint.json."""
    model = build(cell, material)
    path, request = cell.files.checkpoint, fingerprint(cell, material)
    done = checkpoint.about(path)
    if done and done["request"] == request and done["finished"]:
        checkpoint.load(path, model)
        return model.to(fabric.device)
    first = pretrain(cell, material, fabric, model)
    recipe = cell.suite.training(cell.method)
    rows, held_out = material.cache.rows("train"), material.cache.rows("val")
    plan = Plan(
        "train",
        "loss",
        cell.folder,
        cell.key,
        request,
        rows,
        recipe.epochs,
        recipe.batch,
        recipe.lr,
        recipe.min_lr,
        recipe.weight_decay,
        recipe.optimizer,
        recipe.clip,
        recipe.patience,
    )
    about = {"request": request, **describe(cell, material, model, fabric)}

    def loss_of(call: Callable[..., torch.Tensor], batch: np.ndarray, epoch: int) -> torch.Tensor:
        images = material.images(batch, fabric.device)
        images = augmented(images, recipe.augment, *cell.key, "augment", epoch, int(batch[0]))
        text = (
            material.table.batch(noisy(batch, epoch), fabric.device) if noisy else material.text(batch, fabric.device)
        )
        return call(images, text, material.targets(batch, fabric.device))

    noisy = NoisyRows(material, rows, recipe.noise, cell.key) if recipe.noise else None

    def validate() -> float:
        masks = predict(model, material, held_out, {"clean": material.text_rows[held_out]}, fabric)["clean"].unpack()
        return float(np.mean([dice(p, t) for p, t in zip(masks, material.cache.masks[held_out], strict=True)]))

    def keep(epoch: int, figure: float) -> None:
        checkpoint.save(path, model, {**about, "epoch": epoch, "val_dice": figure, "finished": False})

    outcome = run_epochs(plan, fabric, model, loss_of, validate, keep)
    seconds = outcome.seconds + (first.seconds if first else 0.0)
    checkpoint.load(path, model)
    write_json(
        path.with_suffix(".json"),
        {
            **about,
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
