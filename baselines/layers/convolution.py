"""Convolution, batch norm and ReLU, once or several times."""

from __future__ import annotations

from torch import nn


def conv(before: int, after: int, kernel: int = 3, dilation: int = 1, act: bool = True) -> nn.Sequential:
    """Convolution without bias that keeps the size, batch norm, and a ReLU if `act` is True."""
    layers: list[nn.Module] = [
        nn.Conv2d(before, after, kernel, padding=dilation * (kernel // 2), dilation=dilation, bias=False),
        nn.BatchNorm2d(after),
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if act else []))


def conv_block(*widths: int, bias: bool = False) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU, from each width to the next: `conv_block(3, 16, 16)` has two of them."""
    layers: list[nn.Module] = []
    for before, after in zip(widths, widths[1:], strict=False):
        layers += [nn.Conv2d(before, after, 3, padding=1, bias=bias), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
