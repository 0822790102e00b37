"""The hybrid backbone of TransUNet: three stages of a ResNet with group norm, and a ViT on their last map.

Sources: Dosovitskiy et al., "An Image is Worth 16x16 Words" (ICLR 2021), section 3.1, hybrid architecture; Kolesnikov
et al., "Big Transfer" (ECCV 2020) for weight standardisation and group norm; constants from TransUNet's code.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.maps import to_map, to_tokens
from baselines.layers.transformer import Attention


class StandardisedConv(nn.Conv2d):
    """Convolution without bias that keeps the size (or halves it), whose filters have mean 0 and variance 1."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        variance, mean = torch.var_mean(self.weight, dim=(1, 2, 3), keepdim=True, correction=0)
        weight = (self.weight - mean) / torch.sqrt(variance + 1e-5)
        return F.conv2d(x, weight, None, self.stride, self.padding)


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions, each with a group norm, plus the input; ReLU.

    Where width or size change, the shortcut is a 1x1 convolution whose norm is over each channel alone.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, groups: int):
        super().__init__()
        inner = outputs // 4
        self.narrow = _conv_norm(inputs, inner, 1, 1, groups)
        self.mix = _conv_norm(inner, inner, 3, stride, groups)
        self.widen = _conv_norm(inner, outputs, 1, 1, groups)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                StandardisedConv(inputs, outputs, 1, stride), nn.GroupNorm(outputs, outputs, eps=1e-5)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        y = self.mix(self.narrow(x).relu()).relu()
        return (self.shortcut(x) + self.widen(y)).relu()


class GroupNormResNet(nn.Module):
    """Stem and three stages.

    The stem's pooling has no padding, so that the map at 1/4 misses its last row and column: as a skip they are
    zeros. From 1/8 on the maps have their full size again.

    Args:
        stem: channels at 1/2.
        widths: channels at 1/4, 1/8 and 1/16; bottlenecks are a quarter as wide.
        depths: blocks of each stage.
        groups: of the group norms; divides all of these.
    """

    def __init__(self, stem: int, widths: Sequence[int], depths: Sequence[int], groups: int):
        super().__init__()
        self.stem = _conv_norm(3, stem, 7, 2, groups)
        self.stages = nn.ModuleList()
        before = stem
        for i, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            strides = [1 if i == 0 else 2] + [1] * (depth - 1)
            inputs = [before] + [width] * (depth - 1)
            blocks = (Bottleneck(a, width, stride, groups) for a, stride in zip(inputs, strides, strict=True))
            self.stages.append(nn.Sequential(*blocks))
            before = width
        self.widths = [stem, *widths]

    def forward(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> maps (B, widths[i], H / 2^(i+1), W / 2^(i+1))."""
        maps = [self.stem(image).relu()]
        x = F.max_pool2d(maps[0], 3, stride=2)
        for i, stage in enumerate(self.stages):
            x = stage(x)
            height, width = (side // 4 // 2**i for side in image.shape[-2:])
            maps.append(F.pad(x, (0, width - x.shape[3], 0, height - x.shape[2])))
        return maps


class EncoderBlock(nn.Module):
    """x + attention(LN(x)), then x + MLP(LN(x)), the MLP 4 times as wide, with dropout after each of its layers."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.attend = nn.Sequential(nn.LayerNorm(width, eps=1e-6), Attention(width, heads))
        wide, narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        for layer in (wide, narrow):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.normal_(layer.bias, std=1e-6)
        layers = (wide, nn.GELU(), nn.Dropout(dropout), narrow, nn.Dropout(dropout))
        self.mlp = nn.Sequential(nn.LayerNorm(width, eps=1e-6), *layers)

    def forward(self, x: Tensor) -> Tensor:
        """(B, P, C) -> (B, P, C)."""
        x = x + self.attend(x)
        return x + self.mlp(x)


class MapTransformer(nn.Module):
    """A ViT whose patches are the pixels of a map, without a class token.

    Args:
        inputs: channels of the map.
        grid: side of the map.
        width, depth, heads: of the ViT.
        dropout: after the positions and in the MLPs.
    """

    def __init__(self, inputs: int, grid: int, width: int, depth: int, heads: int, dropout: float):
        super().__init__()
        self.enter = nn.Conv2d(inputs, width, 1)
        self.position = nn.Parameter(torch.zeros(1, grid * grid, width))
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(*(EncoderBlock(width, heads, dropout) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, grid, grid) -> (B, width, grid, grid)."""
        tokens = self.dropout(to_tokens(self.enter(x)) + self.position)
        return to_map(self.norm(self.layers(tokens)), *x.shape[-2:])


def _conv_norm(inputs: int, outputs: int, kernel: int, stride: int, groups: int) -> nn.Sequential:
    conv = StandardisedConv(inputs, outputs, kernel, stride)
    return nn.Sequential(conv, nn.GroupNorm(groups, outputs, eps=1e-6))
