"""Weights on disk: safetensors with a JSON beside it that says what they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic, read_json, write_json


def save(path: Path, model: nn.Module, about: dict[str, Any]) -> None:
    """Write PATH.safetensors, then PATH.json: the JSON's presence says that the weights are whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in model.state_dict().items()}
    path.with_suffix(".json").unlink(missing_ok=True)
    with atomic(path.with_suffix(".safetensors")) as temporary:
        save_file(tensors, temporary)
    write_json(path.with_suffix(".json"), about)


def about(path: Path) -> dict[str, Any] | None:
    """What the JSON beside the weights says, None where there are no whole weights."""
    return read_json(path.with_suffix(".json")) if path.with_suffix(".safetensors").exists() else None


def load(path: Path, model: nn.Module) -> None:
    """Load weights into a model of the same shape; InputError names the file where they do not fit."""
    file = path.with_suffix(".safetensors")
    try:
        model.load_state_dict(load_file(file))
    except FileNotFoundError:
        raise InputError(f"{file}: no such checkpoint; train the cell first (c2seg-bench train)") from None
    except (SafetensorError, RuntimeError) as e:
        reason = " ".join(str(e).split())[:160]
        raise InputError(
            f"{file}: does not fit this method ({reason}); delete the cell's folder to train again"
        ) from None


def save_state(path: Path, **state: Any) -> None:
    """Everything needed to go on after an interruption (model, optimiser, counters)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as temporary:
        torch.save(state, temporary)


def load_state(path: Path) -> dict[str, Any] | None:
    """What `save_state` left; None where there is nothing, or nothing whole: then the stage starts anew."""
    if not path.exists():
        return None
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as e:  # a cut file is told by zip, pickle or torch, as it happens
        reason = (str(e).splitlines() or [type(e).__name__])[0]
        print(f"{path}: cannot be read ({reason[:100]}); the stage starts anew", file=sys.stderr)
        return None
