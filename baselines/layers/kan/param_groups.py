"""A separate learning rate for KAN layers."""

from __future__ import annotations

from typing import Any

from torch import nn

from baselines.layers.kan.linear import KANLinear, RBFLinear


def kan_param_groups(model: nn.Module, lr: float, weight_decay: float, factor: float) -> list[dict[str, Any]]:
    """Groups for the optimiser: KAN layers with `factor` times the learning rate, and everything else.

    There is one group where the factor is 1 or the model has no KAN layer.
    """
    layers = [module for module in model.modules() if isinstance(module, (KANLinear, RBFLinear))]
    inside = [parameter for layer in layers for parameter in layer.parameters() if parameter.requires_grad]
    if factor == 1:
        inside = []
    known = {id(parameter) for parameter in inside}
    others = [parameter for parameter in model.parameters() if parameter.requires_grad and id(parameter) not in known]
    groups = [(others, lr), (inside, lr * factor)]
    return [{"params": params, "lr": rate, "weight_decay": weight_decay} for params, rate in groups if params]
