"""Maps of pixels and sequences of tokens: from one to the other, and norms over channels or over pixels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def to_tokens(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H*W, C)."""
    return x.flatten(2).transpose(1, 2)


def to_map(x: Tensor, height: int, width: int) -> Tensor:
    """(B, H*W, C) -> (B, C, H, W)."""
    return x.transpose(1, 2).unflatten(2, (height, width))


def resize_aligned(x: Tensor, size: Sequence[int]) -> Tensor:
    """Bilinear interpolation to (height, width) that keeps the corner pixels in the corners: (B, C, H, W)."""
    return F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=True)


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of a map, at each pixel."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return to_map(super().forward(to_tokens(x)), *x.shape[-2:])


def norm_over_pixels(x: Tensor) -> Tensor:
    """Instance norm over the pixels of each channel: (B, P, C), same shape; computed in float32."""
    with torch.autocast(x.device.type, enabled=False):
        return F.instance_norm(x.float().transpose(1, 2)).transpose(1, 2)
