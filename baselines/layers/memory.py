"""Memory tokens that read a prompt and are read by pixels: RefSegformer's way of bringing both together.

Source: Wu et al., "Towards Robust Referring Image Segmentation" (IEEE TIP 2024), "vision-language token fusion".
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.kan_block import to_map, to_tokens
from baselines.layers.pwam import over_pixels

MEMORY, ABSENT = 20, 10  # tokens that read the prompt, and tokens for what is not in the picture


class Look(nn.Module):
    """One head of cross-attention: x (B, P, C) to memory (B, M, D), mask (B, M) -> (B, P, C)."""

    def __init__(self, width: int, dim: int):
        super().__init__()
        self.query, self.answer = nn.Linear(width, width), nn.Linear(width, width)
        self.key = nn.Linear(dim, width, bias=False)  # a softmax takes its bias away
        self.value = nn.Linear(dim, width)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        seen = mask if mask is None else mask.unsqueeze(1)
        return self.answer(
            F.scaled_dot_product_attention(self.query(x), self.key(memory), self.value(memory), attn_mask=seen)
        )


class TokenNorm(nn.BatchNorm1d):
    """Batch norm over pictures and pixels: (B, P, C), kept. The gain starts at `start`."""

    def __init__(self, width: int, start: float = 1.0):
        super().__init__(width)
        nn.init.constant_(self.weight, start)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class Fusion(nn.Module):
    """VLTF: pixels (B, P, C) and words (B, N, D) -> pixels with what memory told them, and the memory (B, 30, C)."""

    def __init__(self, width: int, dim: int, start: float):
        super().__init__()
        self.memory = nn.Parameter(torch.randn(1, MEMORY, width) * 0.02)
        self.absent = nn.Parameter(torch.randn(1, ABSENT, width) * 0.02)
        self.narrow = nn.Linear(dim, width)
        self.read = Look(width, width)
        self.see = nn.Sequential(nn.Linear(width, width), TokenNorm(width))
        self.look = Look(width, width)
        self.output = nn.Sequential(nn.Linear(width, width), TokenNorm(width, start))

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        kept = self.memory.expand(len(x), -1, -1)
        told = over_pixels(self.read(kept, self.narrow(words), mask))  # over the 20 tokens, here
        memory = torch.cat([self.absent.expand(len(x), -1, -1).to(told.dtype), told], dim=1)
        return x + self.output(over_pixels(self.look(self.see(x), memory))), memory


class Recall(nn.Module):
    """x + what a map (B, C, H, W) of the decoder finds in its level's memory (B, 30, D)."""

    def __init__(self, width: int, dim: int, start: float):
        super().__init__()
        self.look, self.norm = Look(width, dim), TokenNorm(width, start)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        return x + to_map(self.norm(self.look(to_tokens(x), memory)), *x.shape[-2:])
