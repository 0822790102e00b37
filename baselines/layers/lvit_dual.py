"""LViT's two branches: the convolutional U-Net, and a U of vision transformers that share one grid."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.lvit_cnn import ConvU
from baselines.layers.maps import to_map, to_tokens
from baselines.layers.transformer import TransformerBlock

PATCHES = (16, 8, 4, 2)  # at scales 1, 1/2, 1/4, 1/8: one grid of image_size / 16 for all


class Patches(nn.Module):
    """Patch embedding of a map, with learned positions: (B, C, H, W) -> (B, P, C)."""

    def __init__(self, width: int, patch: int, grid: int, dropout: float):
        super().__init__()
        self.cut = nn.Conv2d(width, width, patch, stride=patch)
        self.position = nn.Parameter(torch.zeros(1, grid * grid, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, P, C)."""
        return self.dropout(to_tokens(self.cut(x)) + self.position)


def conv1d_block(inputs: int, outputs: int) -> nn.Sequential:
    """Convolution of width 3 along the last axis, batch norm, ReLU: (B, inputs, L) -> (B, outputs, L)."""
    return nn.Sequential(nn.Conv1d(inputs, outputs, 3, padding=1), nn.BatchNorm1d(outputs), nn.ReLU())


def apply_transposed(layer: nn.Module, tokens: Tensor) -> Tensor:
    """Apply a layer for (B, C, L) to tokens (B, L, C)."""
    return layer(tokens.transpose(1, 2)).transpose(1, 2)


class DualU(ConvU):
    """Base of methods with both branches. The subclass adds the text to the tokens of the first level."""

    def build_transformers(self, scales: Sequence[int], heads: int, dropout: float) -> None:
        """Build the transformer branch for maps with these channels at scales 1, 1/2, 1/4 and 1/8."""
        self.grid = self.image_size // 16
        self.patches = nn.ModuleList(Patches(c, p, self.grid, dropout) for c, p in zip(scales, PATCHES, strict=True))
        self.descend = nn.ModuleList(TransformerBlock(c, heads, dropout) for c in scales)
        self.halve = nn.ModuleList(conv1d_block(c, c // 2) for c in scales[1:])
        self.ascend = nn.ModuleList(TransformerBlock(c, heads, dropout) for c in scales)
        self.hand_up = nn.ModuleList(conv1d_block(2 * c, c) for c in scales[:-1])
        self.rebuild = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, c, 1), nn.BatchNorm2d(c), nn.ReLU(inplace=True)) for c in scales
        )

    def encode_image(self, image: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) -> five maps of the U-Net's encoder, and four levels of tokens without text."""
        maps = self.encode_scales(image)
        levels = [patches(x) for patches, x in zip(self.patches, maps, strict=False)]  # (B, P, c) each
        for i, halve in enumerate(self.halve, start=1):
            levels[i] = apply_transposed(halve, self.descend[i](levels[i]))  # (B, P, c/2)
        return (*maps, *levels)

    def decode_with_words(self, features: tuple[Tensor, ...], words: Tensor) -> Tensor:
        """Logits (B, 1, H, W); the words join the transformers' tokens, and these the skips of the U-Net.

        Args:
            features: of `encode_image`.
            words: (B, P, width), added to the tokens of the first level.
        """
        *skips, x = features[:5]
        levels = list(features[5:])
        levels[0] = self.descend[0](levels[0] + words)
        for i in range(1, 4):
            levels[i] = torch.cat([levels[i], levels[i - 1]], dim=2)  # (B, P, c)
        y = self.ascend[3](levels[3])
        for i in (3, 2, 1, 0):
            if i < 3:
                y = self.ascend[i](levels[i]) + apply_transposed(self.hand_up[i], y)
            # the paper enlarges first, with the same result at up to 256 times the cost
            grown = F.interpolate(self.rebuild[i](to_map(y, self.grid, self.grid)), scale_factor=PATCHES[i])
            x = self.decoder_step(i, skips[i] + grown, x)
        return self.head(x)
