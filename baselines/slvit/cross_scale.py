"""SLViT's cross-scale attention in the cells of the image where the scales disagree about the words.

Source: SLViT (IJCAI 2023), "uncertain region cross-scale enhancement".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.maps import ChannelNorm


def to_cells(x: Tensor, side: int) -> Tensor:
    """A map in square cells: (B, C, H, W) -> (B, H*W/side^2, side^2, C)."""
    x = x.unflatten(3, (-1, side)).unflatten(2, (-1, side))  # (B, C, rows, side, columns, side)
    return x.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(1, 2)


def from_cells(cells: Tensor, side: int, columns: int) -> Tensor:
    """The map again: (B, H*W/side^2, side^2, C) -> (B, C, H, W), `columns` cells in a row."""
    x = cells.unflatten(2, (side, side)).unflatten(1, (-1, columns))  # (B, rows, columns, side, side, C)
    return x.permute(0, 5, 1, 3, 2, 4).flatten(4, 5).flatten(2, 3)


def disagreement(weights: Sequence[Tensor]) -> Tensor:
    """How much neighbouring scales differ, per cell of the coarsest: maps (B, H, W), fine to coarse -> (B, cells)."""
    rows, columns = weights[-1].shape[-2:]
    means = [F.adaptive_avg_pool2d(weight.float().unsqueeze(1), (rows, columns)).flatten(1) for weight in weights]
    pairs = zip(means, means[1:], strict=False)
    return torch.stack([(a - b).abs() for a, b in pairs]).sum(0)


class CellEnhancement(nn.Module):
    """In the cells of most disagreement the pixels of all scales attend to each other.

    The result, scaled per channel (by 1 at first), is added to each map.

    Args:
        widths: channels of the maps, fine to coarse, each half as large as the one before.
        width: channels of attention.
        heads: of attention.
        cells: how many cells are chosen; in an image with fewer, all are.
    """

    def __init__(self, widths: Sequence[int], width: int, heads: int, cells: int):
        super().__init__()
        self.cells, self.heads = cells, heads
        self.sides = [2**i for i in reversed(range(len(widths)))]
        self.enter = nn.ModuleList(nn.Conv2d(c, width, 1) for c in widths)
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.scale = nn.Parameter(torch.ones(width))
        self.leave = nn.ModuleList(nn.Conv2d(width, c, 1) for c in widths)
        self.mix = nn.ModuleList(nn.Sequential(nn.Conv2d(2 * c, c, 1), ChannelNorm(c), nn.ReLU()) for c in widths)

    def attend(self, x: Tensor) -> Tensor:
        """Self-attention without a scale factor; (B, T, C), same shape."""
        query, key, value = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.project(F.scaled_dot_product_attention(query, key, value, scale=1.0).transpose(1, 2).flatten(2))

    def forward(self, maps: Sequence[Tensor], weights: Sequence[Tensor]) -> list[Tensor]:
        """Maps (B, c, H, W), and word weights (B, H, W) of each, fine to coarse -> maps of the same shapes."""
        parts = [to_cells(enter(x), side) for enter, x, side in zip(self.enter, maps, self.sides, strict=True)]
        tokens = torch.cat(parts, dim=2)  # (B, cells, 85, C)
        batch, count, length, width = tokens.shape
        doubt = disagreement(weights)
        rank = doubt.sort(dim=1, descending=True, stable=True).indices[:, : self.cells]  # (B, k)
        place = rank[:, :, None, None].expand(-1, -1, length, width)
        chosen = tokens.gather(1, place)
        attended = self.attend(chosen.flatten(0, 1)).unflatten(0, (batch, -1))
        enhanced = (chosen + self.scale * attended).to(chosen.dtype)
        tokens = (2 * tokens).scatter(1, place, enhanced)  # the others are added to themselves
        split = tokens.split([side * side for side in self.sides], dim=2)
        columns = maps[-1].shape[-1]
        back = [
            leave(from_cells(x, side, columns)) for leave, x, side in zip(self.leave, split, self.sides, strict=True)
        ]
        return [mix(torch.cat([x, y], dim=1)) for mix, x, y in zip(self.mix, maps, back, strict=True)]
