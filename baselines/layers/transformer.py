"""Multi-head self-attention, and LViT's pre-norm transformer block."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head self-attention with one linear layer for queries, keys and values.

    Args:
        width: channels, a multiple of heads.
        heads: number of heads.
    """

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, P, C) -> (B, P, C)."""
        query, key, value = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (B, heads, P, -)
        return self.project(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))


class TransformerBlock(nn.Module):
    """x + attention(LN(x)), then x + MLP(LN(x)), the MLP 4 times as wide, with a GELU after both layers (LViT).

    Dropout in the MLP alone. Its layers start from Xavier's weights, with biases near zero.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0):
        super().__init__()
        self.attend = nn.Sequential(nn.LayerNorm(width), Attention(width, heads))
        wide, narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        for layer in (wide, narrow):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.normal_(layer.bias, std=1e-6)
        parts = (wide, nn.GELU(), nn.Dropout(dropout), narrow, nn.GELU(), nn.Dropout(dropout))
        self.mlp = nn.Sequential(nn.LayerNorm(width), *parts)

    def forward(self, x: Tensor) -> Tensor:
        """(B, P, C) -> (B, P, C)."""
        x = x + self.attend(x)
        return x + self.mlp(x)
