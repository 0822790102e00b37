"""TGANet's building blocks: dilated enhancement of features, the dense decoder, and attention by a label vector."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.cbam import ChannelAttention, SpatialAttention
from baselines.layers.convolution import conv

DILATIONS = (6, 12, 18)


def enlarged(x: Tensor, times: int) -> Tensor:
    """Bilinear, corners on corners."""
    return F.interpolate(x, scale_factor=times, mode="bilinear", align_corners=True) if times > 1 else x


class Enhance(nn.Module):
    """Feature enhancement module: four receptive fields, each with channel attention, and a shortcut."""

    def __init__(self, before: int, width: int):
        super().__init__()
        views = [conv(before, width, 1), *(conv(before, width, 3, d) for d in DILATIONS)]
        self.views = nn.ModuleList(nn.Sequential(view, ChannelAttention(width)) for view in views)
        self.join, self.short = conv(4 * width, width, act=False), conv(before, width, 1, act=False)
        self.spatial = SpatialAttention()

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, H, W) -> (B, width, H, W)."""
        joined = self.join(torch.cat([view(x) for view in self.views], dim=1))
        return self.spatial(F.relu(joined + self.short(x)))


class StepUp(nn.Module):
    """Decoder block: twice the size, joined with the skip, three densely connected convolutions."""

    def __init__(self, width: int):
        super().__init__()
        self.join = conv(2 * width, width, 1)
        kernels = (3, 3, 1)
        self.dense = nn.ModuleList(conv(width, width, kernel, act=False) for kernel in kernels)
        self.attend = nn.Sequential(ChannelAttention(width), SpatialAttention())

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(B, width, H, W), (B, width, 2H, 2W) -> (B, width, 2H, 2W)."""
        total = x = self.join(torch.cat([enlarged(x, 2), skip], dim=1))
        for layer in self.dense:
            x = F.relu(layer(x) + total)
            total = total + x
        return self.attend(x)


class LabelAttention(nn.Module):
    """Weights channels by a function of the label vector, and returns that function's value for the next block."""

    def __init__(self, width: int):
        super().__init__()
        self.read = nn.Sequential(
            nn.Conv2d(width, width, 1, bias=False), nn.ReLU(), nn.Conv2d(width, width, 1, bias=False)
        )

    def forward(self, x: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W), (B, C, 1, 1) -> the same two."""
        read = self.read(label)
        return x * read.sigmoid(), read


class Aggregate(nn.Module):
    """Multi-scale aggregation: maps at 1/8, 1/4 and 1/2 on the finest grid, joined, then two residual convolutions.

    The last one adds what was joined once more.
    """

    def __init__(self, width: int):
        super().__init__()
        self.each = nn.ModuleList(conv(width, width, 1) for _ in range(3))
        self.join = conv(3 * width, width, 1)
        self.residual = nn.ModuleList(conv(width, width, act=False) for _ in range(2))

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Three maps, coarsest first -> (B, C, H/2, W/2)."""
        times = (4, 2, 1)
        grown = [layer(enlarged(x, t)) for layer, x, t in zip(self.each, maps, times, strict=True)]
        joined = self.join(torch.cat(grown, dim=1))
        first, second = self.residual
        x = F.relu(first(joined) + joined)
        return F.relu(second(x) + x + joined)
