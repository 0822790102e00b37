"""The hybrid backbone of TransUNet: three stages of a ResNet-50 with group norm, and a ViT on their map.

Source: Dosovitskiy et al., "An Image is Worth 16x16 Words" (ICLR 2021), section 3.1, hybrid architecture; Kolesnikov et
al., "Big Transfer" (ECCV 2020) for weight standardisation and group norm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.maps import to_map, to_tokens


class GroupNormResNet(nn.Module):
    """Stem and stages of transformers' BiT ("bottleneck", which norms after each convolution, as the hybrid ViT has).

    Args:
        stem: channels at 1/2.
        widths: channels at 1/4, 1/8, ...; bottlenecks are a quarter as wide, and 8 at least.
        depths: blocks of each stage.
        groups: of the group norms; divides all of these.
    """

    def __init__(self, stem: int, widths: Sequence[int], depths: Sequence[int], groups: int):
        super().__init__()
        from transformers import BitConfig, BitModel

        config = BitConfig(
            embedding_size=stem,
            hidden_sizes=list(widths),
            depths=list(depths),
            num_groups=groups,
            layer_type="bottleneck",
            global_padding=None,
        )
        tower: Any = BitModel(config).train()
        self.stem = nn.Sequential(tower.embedder.convolution, tower.embedder.norm)
        self.stages = tower.encoder.stages
        self.widths = [stem, *widths]

    def forward(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> maps (B, widths[i], H / 2^(i+1), W / 2^(i+1))."""
        maps = [self.stem(image)]
        x = F.max_pool2d(maps[0], 3, stride=2, padding=1)
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


class MapTransformer(nn.Module):
    """A ViT whose patches are the pixels of a map, without a class token.

    Args:
        inputs: channels of the map.
        grid: side of the map.
        width, depth, heads: of the ViT; its MLPs are 4 times as wide.
        dropout: after positions, attention and MLPs.
    """

    def __init__(self, inputs: int, grid: int, width: int, depth: int, heads: int, dropout: float):
        super().__init__()
        from transformers import ViTConfig, ViTModel

        config = ViTConfig(
            hidden_size=width,
            num_hidden_layers=depth,
            num_attention_heads=heads,
            intermediate_size=4 * width,
            hidden_dropout_prob=dropout,
            layer_norm_eps=1e-6,
            image_size=grid,
            patch_size=1,
            num_channels=inputs,
        )
        tower: Any = ViTModel(config, add_pooling_layer=False).train()
        self.enter, self.layers, self.norm = tower.embeddings.patch_embeddings.projection, tower.layers, tower.layernorm
        self.position = nn.Parameter(torch.zeros(1, grid * grid, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, grid, grid) -> (B, width, grid, grid)."""
        tokens = self.dropout(to_tokens(self.enter(x)) + self.position)
        for layer in self.layers:
            tokens = layer(tokens)
        return to_map(self.norm(tokens), *x.shape[-2:])
