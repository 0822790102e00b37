"""Channel and spatial attention (CBAM, ECCV 2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelAttention(nn.Module):
    """Weights each channel by the sigmoid of an MLP on its mean plus the same MLP on its maximum; keeps the shape."""

    def __init__(self, width: int, reduction: int = 16):
        super().__init__()
        narrow = max(8, width // reduction)  # narrower MLPs soon die behind the ReLU
        layers = nn.Conv2d(width, narrow, 1, bias=False), nn.ReLU(), nn.Conv2d(narrow, width, 1, bias=False)
        self.mlp = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), same shape."""
        mean, top = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        return x * (self.mlp(mean) + self.mlp(top)).sigmoid()


class SpatialAttention(nn.Module):
    """Weights each pixel by the sigmoid of a 7x7 convolution over its mean and maximum; keeps the shape."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), same shape."""
        return x * self.look(torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)).sigmoid()
