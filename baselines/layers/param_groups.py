"""Groups of parameters for the optimiser: with and without weight decay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn


def decay_groups(
    model: nn.Module, lr: float, weight_decay: float, exempt: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """Two groups: trainable parameters that decay, and those that `exempt(name)` takes out of the decay."""
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    decayed = [parameter for name, parameter in named if not exempt(name)]
    exempted = [parameter for name, parameter in named if exempt(name)]
    return [
        {"params": decayed, "lr": lr, "weight_decay": weight_decay},
        {"params": exempted, "lr": lr, "weight_decay": 0.0},
    ]
