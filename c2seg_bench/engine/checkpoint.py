"""Weights on disk: a safetensors file and a JSON file beside it that describes them."""

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


def save(path: Path, model: nn.Module, metadata: dict[str, Any]) -> None:
    """Write PATH.safetensors, then PATH.json. The JSON is written last: weights without it are incomplete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in model.state_dict().items()}
    path.with_suffix(".json").unlink(missing_ok=True)
    with atomic(path.with_suffix(".safetensors")) as temporary:
        save_file(tensors, temporary)
    write_json(path.with_suffix(".json"), metadata)


def metadata(path: Path) -> dict[str, Any] | None:
    """Contents of the JSON beside the weights; None where there are no complete weights."""
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
    """Write what an interrupted stage needs to continue: model, optimiser, counters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as temporary:
        torch.save(state, temporary)


def load_state(path: Path) -> dict[str, Any] | None:
    """Read what `save_state` wrote; None where there is no file or it is damaged, so that the stage starts again."""
    if not path.exists():
        return None
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as e:  # zip, pickle and torch each raise their own errors for a truncated file
        reason = (str(e).splitlines() or [type(e).__name__])[0]
        print(f"{path}: cannot be read ({reason[:100]}); the stage starts again", file=sys.stderr)
        return None
