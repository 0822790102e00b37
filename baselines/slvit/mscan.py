"""SLViT's encoder: SegNeXt's blocks of strip convolutions, with attention to the words as one more branch.

Sources: SegNeXt (NeurIPS 2022), "MSCAN"; SLViT (IJCAI 2023), "language-guided multi-scale fusion attention".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from baselines.layers.maps import ChannelNorm, norm_over_pixels, to_map, to_tokens

STRIPS = (7, 11, 21)


class DropPath(nn.Module):
    """Drops a branch for some images of a training batch, and scales it up in the others (stochastic depth)."""

    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), same shape; unchanged in prediction."""
        if not self.training or self.rate == 0:
            return x
        kept = torch.rand(len(x), 1, 1, 1, device=x.device) >= self.rate
        return x * kept / (1 - self.rate)


class WordBranch(nn.Module):
    """Attention of each pixel to the words, with one head and LAVT's norms, times a gate computed from the result."""

    def __init__(self, width: int, dim: int):
        super().__init__()
        self.query, self.answer = nn.Linear(width, width), nn.Linear(width, width)
        self.key, self.value = nn.Linear(dim, width), nn.Linear(dim, width)
        layers = nn.Linear(width, width, bias=False), nn.ReLU(), nn.Linear(width, width, bias=False), nn.Tanh()
        self.gate = nn.Sequential(*layers)

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Map (B, C, H, W), words (B, N, D), mask (B, N) -> map (B, C, H, W), highest weight of a word (B, H, W)."""
        query = norm_over_pixels(self.query(to_tokens(x)))  # (B, P, C)
        scores = query.to(x.dtype) @ self.key(words).to(x.dtype).transpose(1, 2) / x.shape[1] ** 0.5
        weights = scores.float().masked_fill(~mask.unsqueeze(1), -1e4).softmax(2)  # (B, P, N)
        attended = norm_over_pixels(self.answer(weights.to(words.dtype) @ self.value(words).to(words.dtype)))
        return to_map(self.gate(attended) * attended, *x.shape[-2:]), weights.amax(2).unflatten(1, x.shape[-2:])


class StripAttention(nn.Module):
    """Square and strip convolutions and the words weight the pixels of a map, which is added again."""

    def __init__(self, width: int, dim: int):
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(width, width, 1), nn.GELU())
        self.near = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.strips = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, (1, k), padding=(0, k // 2), groups=width),
                nn.Conv2d(width, width, (k, 1), padding=(k // 2, 0), groups=width),
            )
            for k in STRIPS
        )
        self.words = WordBranch(width, dim)
        self.mix, self.leave = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As `WordBranch.forward`."""
        inside = self.enter(x)
        near = self.near(inside)
        attended, weight = self.words(near, words, mask)
        total = near + attended
        for strip in self.strips:
            total = total + strip(near)
        return x + self.leave(self.mix(total) * inside), weight


class Block(nn.Module):
    """x + s1 * attention(BN(x)), then x + s2 * MLP(BN(x)); the MLP has a depthwise convolution inside."""

    def __init__(self, width: int, dim: int, ratio: int, drop: float, scale: float):
        super().__init__()
        hidden = ratio * width
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(2))
        self.scales = nn.ParameterList(torch.full((width, 1, 1), scale) for _ in range(2))
        self.attend = StripAttention(width, dim)
        spread = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.mlp = nn.Sequential(nn.Conv2d(width, hidden, 1), spread, nn.GELU(), nn.Conv2d(hidden, width, 1))
        self.drop = DropPath(drop)

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As `WordBranch.forward`."""
        attended, weight = self.attend(self.norms[0](x), words, mask)
        x = x + self.drop(self.scales[0] * attended)
        return x + self.drop(self.scales[1] * self.mlp(self.norms[1](x))), weight


class LanguageMSCAN(nn.Module):
    """Four stages of blocks, at 1/4 to 1/32, each with the words.

    Args:
        widths, depths, ratios: channels, blocks, and widening in the MLPs of each stage.
        dim: channels D of the words.
        drop_path: of the last block; it grows linearly from 0.
        layer_scale: first value of the blocks' scales.
    """

    def __init__(
        self,
        widths: Sequence[int],
        depths: Sequence[int],
        ratios: Sequence[int],
        dim: int,
        drop_path: float,
        layer_scale: float,
    ):
        super().__init__()
        drops = iter(np.linspace(0, drop_path, sum(depths)).tolist())  # not torch, which may build without weights
        half = max(1, widths[0] // 2)
        self.stem = nn.Sequential(*_halving(3, half), nn.GELU(), *_halving(half, widths[0]))
        self.halve = nn.ModuleList(
            nn.Sequential(*_halving(a, b)) for a, b in zip(widths, widths[1:], strict=False)
        )  # before the second to fourth stage
        self.depths = tuple(depths)
        self.blocks = nn.ModuleList(
            Block(width, dim, ratio, next(drops), layer_scale)
            for width, depth, ratio in zip(widths, depths, ratios, strict=True)
            for _ in range(depth)
        )
        self.norms = nn.ModuleList(ChannelNorm(width) for width in widths)

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """The stem's map and the words -> maps of the four stages, and the highest word weight per pixel of each."""
        maps, weights, blocks = [], [], iter(self.blocks)
        for i, depth in enumerate(self.depths):
            if i:
                x = self.halve[i - 1](x)
            for _ in range(depth):
                x, weight = next(blocks)(x, words, mask)
            x = self.norms[i](x)
            maps.append(x)
            weights.append(weight)
        return maps, weights


def _halving(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.BatchNorm2d(outputs)]
