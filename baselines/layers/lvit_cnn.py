"""The convolutional U-Net of LViT and RecLMIS: five scales, and skips weighted pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Method
from baselines.errors import InputError
from baselines.layers.convolution import conv_block


class PixelAttention(nn.Module):
    """PLAM: weights each pixel of a skip by the mean and the maximum over its channels. (B, C, H, W), same shape."""

    def __init__(self, width: int):
        super().__init__()
        self.mean = nn.Conv2d(width, width, 1, bias=False)
        self.top = nn.Conv2d(width, width, 1, bias=False)
        self.weigh = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), same shape."""
        # ReLU and maximum commute; after the maximum there are fewer numbers
        mean, top = self.mean(x).relu().mean(1), self.top(x).amax(1).relu()  # (B, H, W)
        return x * self.weigh(torch.stack([mean, top, mean + top], dim=-1)).movedim(-1, 1)


class ConvU(Method):
    """Base of methods with LViT's CNN: `encode_scales`, and `decoder_step` for each scale."""

    def build_cnn(self, scales: Sequence[int], attention: Callable[[int], nn.Module] = PixelAttention) -> None:
        """Make the layers.

        Args:
            scales: channels at 1, 1/2, 1/4 and 1/8; 1/16 has as many as 1/8.
            attention: makes the layer that weights a skip, from its channels.
        """
        width = scales[0]
        steps = zip(scales, [*scales[1:], scales[-1]], strict=True)
        self.stem = conv_block(3, width, bias=True)
        self.down = nn.ModuleList(nn.Sequential(nn.MaxPool2d(2), conv_block(a, b, b, bias=True)) for a, b in steps)
        self.attend = nn.ModuleList(attention(c) for c in scales)
        self.up = nn.ModuleList(conv_block(2 * c, max(c // 2, width), max(c // 2, width), bias=True) for c in scales)
        self.head = nn.Conv2d(width, 1, 1)

    def encode_scales(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> five maps, at 1 to 1/16 of the image's size."""
        side = (self.image_size, self.image_size)
        if tuple(image.shape[-2:]) != side:  # the grid of tokens is fixed
            shape = tuple(image.shape[-2:])
            raise InputError(f"{self.card.name}: built for images of {self.image_size} pixels, got {shape}")
        maps = [self.stem(image)]
        for down in self.down:
            maps.append(down(maps[-1]))
        return maps

    def decoder_step(self, i: int, skip: Tensor, x: Tensor) -> Tensor:
        """One decoder step: the weighted skip of scale i, concatenated with x enlarged from the scale below."""
        return self.up[i](torch.cat([self.attend[i](skip), F.interpolate(x, scale_factor=2)], dim=1))
