"""Counts a method's parameters: all, the trained ones, the frozen text encoder's, and those that `thop` counts.

Published tables mostly show the number that `thop` prints, which is not the number of parameters. It adds up the
parameters of layers without children, of the kinds that it knows, through which the forward pass went. It misses
parameters that a module registers itself (KAN weights, position tables, gates), embeddings, multi-head attention, and
layers that did not run. `count` computes the same sum, so that a published number can be reproduced or explained. One
difference: a subclass of a known kind counts, as it would if it were written with the plain layer.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from baselines.contract import Method, TextBatch, TextSpec

KNOWN = (
    nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Linear,
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d,
    nn.LayerNorm, nn.PReLU, nn.RNNBase, nn.RNNCellBase,
)  # fmt: skip


def count(method: Method, text: TextSpec, image_size: int, frozen_text: float = 0.0) -> dict[str, float]:
    """Parameters in millions, as {"total", "trainable", "frozen_text", "thop"}.

    Runs the method once, on one black image and one prompt of full length, without gradients, on its own device.

    Args:
        method: its mode (training or not) and weights are not changed.
        text, image_size: that it was built with.
        frozen_text: millions of parameters of the frozen text encoder; 0 for a method without text.

    Returns:
        `total`, the method's parameters and the encoder's; `trainable`, those with a gradient; `frozen_text`; and
        `thop`, see above, without the encoder and `Method.uncounted`.
    """
    executed = _executed(method, lambda: _run(method, text, image_size))
    uncounted = {id(module) for name in method.uncounted for module in method.get_submodule(name).modules()}
    executed = [module for module in executed if id(module) not in uncounted]
    own = list(method.parameters())
    return {
        "total": _millions(own) + frozen_text,
        "trainable": _millions([p for p in own if p.requires_grad]),
        "frozen_text": float(frozen_text),
        "thop": _millions([p for module in executed for p in module.parameters()]),
    }


def gflops(method: Method, text: TextSpec, image_size: int) -> float:
    """Billions of floating-point operations of one image and one prompt of full length, without gradients.

    PyTorch's own counter (`torch.utils.flop_counter`): convolutions, matrix products and attention, a multiply-add
    being two operations. It does not count norms, activations, FFTs, and the splines of KAN layers before their matrix
    product, which cost little in comparison. The frozen text encoder is left out: it runs once per distinct prompt.
    """
    from torch.utils.flop_counter import FlopCounterMode

    untrained = copy.deepcopy(method).requires_grad_(False)  # the counter fails on a parameter that is an input
    with FlopCounterMode(display=False) as counter:
        _run(untrained, text, image_size)
    return counter.get_total_flops() / 1e9


def _executed(method: nn.Module, run: Callable[[], Any]) -> list[nn.Module]:
    """The known layers without children that `run` goes through, each once."""
    seen: dict[int, nn.Module] = {}
    leaves = [m for m in method.modules() if isinstance(m, KNOWN) and not any(True for _ in m.children())]
    hooks = [leaf.register_forward_hook(lambda module, *_: seen.update({id(module): module})) for leaf in leaves]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()
    return list(seen.values())


def _run(method: Method, text: TextSpec, image_size: int) -> None:
    device = next(method.parameters()).device
    batch = TextBatch(
        torch.zeros(1, text.length, dtype=torch.long),
        torch.ones(1, text.length, dtype=torch.bool),
        torch.zeros(1, text.length, text.dim),
        torch.zeros(1, text.dim),
    )
    modes = {module: module.training for module in method.modules()}
    method.eval()
    try:
        with torch.inference_mode():
            method(torch.zeros(1, 3, image_size, image_size, device=device), batch.to(device))
    finally:
        for module, training in modes.items():
            module.training = training


def _millions(parameters: list[nn.Parameter]) -> float:
    return sum(p.numel() for p in parameters) / 1e6
