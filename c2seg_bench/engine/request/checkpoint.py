"""Weights on disk: a safetensors file and a JSON file beside it that describes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from c2seg_bench.errors import InputError
from c2seg_bench.files import DamagedFile, atomic, read_object, set_aside, verify, write_json


def save(path: Path, model: nn.Module, metadata: dict[str, Any]) -> None:
    """Write PATH.safetensors, then PATH.json. The JSON is written last: weights without it are incomplete.

    Raises:
        InputError: the disk is full.
    """
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in model.state_dict().items()}
    with atomic(path.with_suffix(".safetensors"), checksum=True) as temporary:
        save_file(tensors, temporary)
        path.with_suffix(".json").unlink(missing_ok=True)
    describe(path, metadata)


def describe(path: Path, metadata: dict[str, Any]) -> None:
    """Write PATH.json anew."""
    write_json(path.with_suffix(".json"), metadata, checksum=True)


def metadata(path: Path) -> dict[str, Any] | None:
    """Contents of the JSON beside the weights; None if there are no complete weights.

    Raises:
        DamagedFile: the JSON is not as it was written.
    """
    return read_object(path.with_suffix(".json")) if path.with_suffix(".safetensors").exists() else None


def load(path: Path, model: nn.Module) -> None:
    """Load weights into a model of the same shape; InputError names the file where they are damaged or do not fit."""
    file = path.with_suffix(".safetensors")
    try:
        verify(file)
        tensors = load_file(file)
    except FileNotFoundError:
        raise InputError(f"{file}: no such checkpoint; train the cell first (c2seg-bench train)") from None
    except SafetensorError as e:
        raise DamagedFile(file, " ".join(str(e).split())[:160]) from None
    if fault := misfit(tensors, model.state_dict()):
        raise DamagedFile(file, f"does not fit this method: {fault}")
    model.load_state_dict(tensors)


def load_or_set_aside(path: Path, model: nn.Module) -> bool:
    """Load weights; False if they are damaged and were set aside, and the model is as it was."""
    try:
        load(path, model)
    except DamagedFile as e:
        set_aside(e.path, e.reason)
        return False
    return True


def misfit(tensors: Mapping[str, Any], expected: Mapping[str, Tensor]) -> str | None:
    """Why tensors cannot be the weights of a model: other names, another shape, a value that is not finite.

    Args:
        expected: the model's own state.
    """
    if names := sorted(tensors.keys() ^ expected.keys()):
        return f"{names[0]} is {'missing' if names[0] in expected else 'not among its weights'}"
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor) or tensor.shape != expected[name].shape:
            return f"{name} has the shape {_shape(tensor)} instead of {_shape(expected[name])}"
        if not torch.isfinite(tensor).all() and torch.isfinite(expected[name]).all():
            return f"{name} is not finite"
    return None


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if isinstance(value, Tensor) else f"of a {type(value).__name__}"
