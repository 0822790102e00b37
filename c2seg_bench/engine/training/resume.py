"""Saving the state of a stage after an epoch, and resuming from it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from torch import nn

from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.training import stage_state
from c2seg_bench.engine.training.stage import Outcome, Stage
from c2seg_bench.files import set_aside


def save(stage: Stage, model: nn.Module, optimizer: Any, outcome: Outcome) -> None:
    """Write the stage's state file. InputError if the disk is full."""
    state = {"request": stage.request, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    stage_state.save_state(stage.state_file, **state, outcome=vars(outcome))


def load(stage: Stage, model: nn.Module, optimizer: Any) -> Outcome:
    """Load the stage's state into model and optimiser, and return its course so far.

    A state of another request is ignored. One that does not fit the model is set aside, and the stage starts again.
    """
    state = stage_state.load_state(stage.state_file)
    if state is None or state.get("request", stage.request) != stage.request:
        return Outcome()
    fault = stage_state.fault_of(state, model, optimizer, {f.name for f in fields(Outcome)})
    if fault := fault or _missing_weights(stage, state["outcome"]["best_epoch"]):
        set_aside(stage.state_file, fault)
        return Outcome()
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return Outcome(**state["outcome"])


def _missing_weights(stage: Stage, best_epoch: int) -> str | None:
    """Says so if the weights of the best epoch, with which the stage would end, are no longer on disk."""
    if stage.weights is None:
        return None
    stored = checkpoint.metadata(stage.weights) or {}
    if stored.get("request") == stage.request and stored.get("epoch", 0) >= best_epoch:
        return None
    return f"the weights of epoch {best_epoch} are not in {stage.weights.name}.safetensors"
