"""The state that an interrupted stage continues from: its file, and whether it fits the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor, nn

from c2seg_bench.engine.request.checkpoint import misfit
from c2seg_bench.files import DamagedFile, atomic, set_aside, verify

KEYS = {"request", "model", "optimizer", "outcome"}


def save_state(path: Path, **state: Any) -> None:
    """Write what an interrupted stage needs to continue: model, optimiser, counters. InputError on a full disk."""
    with atomic(path, checksum=True) as temporary, open(temporary, "wb") as f:
        file = _RememberingFile(f)
        try:
            torch.save(state, file)  # type: ignore[arg-type]
        except RuntimeError:
            raise file.error or RuntimeError(f"{path}: cannot be written") from None


def load_state(path: Path) -> dict[str, Any] | None:
    """Read what `save_state` wrote; None if there is no file. A damaged one is set aside, and None returned."""
    try:
        verify(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except DamagedFile as e:
        set_aside(path, e.reason)
        return None
    except Exception as e:  # zip, pickle and torch each raise their own errors for a truncated file
        set_aside(path, (str(e).splitlines() or [type(e).__name__])[0][:100])
        return None
    if not isinstance(state, dict):
        set_aside(path, f"no state but {type(state).__name__}")
        return None
    return state


class _RememberingFile:
    """Keeps the error of a failed write, instead of which torch raises one that does not say why."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self.file.write(data)
        except OSError as e:
            self.error = e
            raise

    def flush(self) -> None:
        self.file.flush()


def fault_of(state: dict[str, Any], model: nn.Module, optimizer: Any, fields: set[str]) -> str | None:
    """Why a state cannot be continued from: a key is missing, or a tensor has another shape or is not finite.

    Args:
        fields: of the stage's outcome.
    """
    if missing := sorted(KEYS - state.keys()):
        return f"no {missing[0]}"
    if not all(isinstance(state[key], dict) for key in ("model", "optimizer", "outcome")):
        return "not the state of a stage"
    if state["outcome"].keys() != fields:
        return "its outcome has other keys"
    return misfit(state["model"], model.state_dict()) or _fault_of_optimizer(state["optimizer"], optimizer)


def _fault_of_optimizer(state: dict[str, Any], optimizer: Any) -> str | None:
    own = optimizer.state_dict()
    if state.keys() != own.keys():
        return "the optimiser's state has other keys"
    if [group.keys() for group in state["param_groups"]] != [group.keys() for group in own["param_groups"]]:
        return "the optimiser has other groups of parameters"
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    if [group["params"] for group in state["param_groups"]] != [group["params"] for group in own["param_groups"]]:
        return "the optimiser has other parameters"
    for number, values in state["state"].items():
        for name, value in values.items():
            if not isinstance(value, Tensor):
                continue
            if value.numel() != 1 and value.shape != parameters[number].shape:
                return f"the optimiser's {name} of parameter {number} has the shape {tuple(value.shape)}"
            if not torch.isfinite(value).all():
                return f"the optimiser's {name} of parameter {number} is not finite"
    return None
