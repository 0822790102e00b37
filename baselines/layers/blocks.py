"""Convolutional blocks that methods share."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from baselines.errors import InputError


def conv(before: int, after: int, kernel: int = 3, dilation: int = 1, act: bool = True) -> nn.Sequential:
    """Convolution without bias that keeps the size, batch norm, and a ReLU where `act` says so."""
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


def require_multiple(method: str, image_size: int, of: int) -> None:
    """InputError where the pictures' side cannot be halved as often as the method does."""
    if image_size < of or image_size % of:
        near = max(1, round(image_size / of)) * of
        raise InputError(f"{method}: image size {image_size} is not a multiple of {of}; take {near}, for instance")


def require_widths(method: str, option: str, given: Sequence[int], count: int | None = None) -> tuple[int, ...]:
    """The widths as a tuple; InputError where there are too few, too many, or one is not a positive whole number."""
    widths = tuple(given) if isinstance(given, (list, tuple)) else ()
    right = count is None and len(widths) >= 2 or len(widths) == count
    if not right or not all(isinstance(width, int) and width > 0 for width in widths):
        expected = f"{count} positive whole numbers" if count else "two or more positive whole numbers"
        raise InputError(f"{method}: {option} {given!r}: expected a list of {expected}")
    return widths
