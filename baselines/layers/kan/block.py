"""U-KAN's tokenised KAN block: three KAN layers, each followed by a depthwise convolution on the grid of tokens.

Source: Li et al., "U-KAN Makes Strong Backbone for Medical Image Segmentation and Generation" (AAAI 2025), section 3.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from baselines.layers.kan.linear import kan
from baselines.layers.maps import ChannelNorm, to_map, to_tokens


class KANBlock(nn.Module):
    """x plus three times [KAN layer, depthwise 3x3 convolution, batch norm, ReLU] of LayerNorm(x), on maps.

    Args:
        width: channels.
        kind, **options: of the KAN layers, see `baselines.layers.kan.kan`.
    """

    def __init__(self, width: int, kind: str = "spline", **options: Any):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.ModuleList(kan(kind, width, width, **options) for _ in range(3))
        self.spread = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1, groups=width), nn.BatchNorm2d(width), nn.ReLU())
            for _ in range(3)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        height, width = x.shape[-2:]
        tokens = self.norm(to_tokens(x))  # (B, H*W, C)
        for mix, spread in zip(self.mix, self.spread, strict=True):
            tokens = to_tokens(spread(to_map(mix(tokens), height, width)))
        return x + to_map(tokens, height, width)


class PatchEmbed(nn.Sequential):
    """3x3 convolution with stride 2, LayerNorm: (B, C_in, H, W) -> (B, C_out, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), ChannelNorm(outputs))


class KANStage(nn.Sequential):
    """A stage of U-KAN's encoder: PatchEmbed, KANBlock, LayerNorm. (B, C_in, H, W) -> (B, C_out, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int, kind: str = "spline", **options: Any):
        super().__init__(PatchEmbed(inputs, outputs), KANBlock(outputs, kind, **options), ChannelNorm(outputs))
