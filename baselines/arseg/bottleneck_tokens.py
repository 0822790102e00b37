"""ARSeg's bottleneck tokens: a few learned tokens and the features of a modality attend to each other in turns.

Source: the code of ARSeg (2026), made independent of the batch.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CrossAttention(nn.Module):
    """x + attention(LN(x), LN(y)), then x + MLP(LN(x)): one projection is both key and value, one norm serves all.

    Scores are divided by the root of the width, not of a head's part of it, as in the official code.

    Args:
        width: channels, a multiple of heads.
        heads: number of heads.
        dropout: after attention, and after both layers of the MLP.
    """

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.heads, self.scale = heads, width**-0.5
        self.norm = nn.LayerNorm(width)
        self.query, self.look, self.project = (nn.Linear(width, width) for _ in range(3))
        wide = [nn.Linear(width, 4 * width), nn.ReLU(), nn.Dropout(dropout)]
        self.mlp = nn.Sequential(*wide, nn.Linear(4 * width, width), nn.ReLU(), nn.Dropout(dropout))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Queries x (B, P, C), keys and values y (B, N, C) -> (B, P, C)."""
        query = self.query(self.norm(x)).unflatten(2, (self.heads, -1)).transpose(1, 2)  # (B, heads, P, C / heads)
        values = self.look(self.norm(y)).unflatten(2, (self.heads, -1)).transpose(1, 2)
        attended = F.scaled_dot_product_attention(query, values, values, scale=self.scale)
        x = x + self.dropout(self.project(attended.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.mlp(self.norm(x)))


class BottleneckMap(nn.Module):
    """Features of one modality -> a map of rank one per channel: token i is row i, times a learned column.

    Args:
        width: channels.
        side: of the map, and the number of tokens.
        heads: of attention.
        rounds: how often features and tokens attend to each other.
        dropout: of attention and MLPs.
        own_first: whether the tokens first attend to the features with their own block, as those of the text do, or
            with the features' block, as those of the image do.
    """

    def __init__(self, width: int, side: int, heads: int, rounds: int, dropout: float, own_first: bool = True):
        super().__init__()
        self.rounds, self.own_first = rounds, own_first
        self.tokens, self.columns = (nn.Parameter(0.02 * torch.randn(1, side, width)) for _ in range(2))
        self.to_features = CrossAttention(width, heads, dropout)
        self.to_tokens = CrossAttention(width, heads, dropout)

    def forward(self, features: Tensor) -> Tensor:
        """(B, P, C) -> (B, C, side, side)."""
        look = self.to_tokens if self.own_first else self.to_features
        tokens = look(self.tokens.expand(len(features), -1, -1), features)
        for _ in range(self.rounds):
            features = self.to_features(features, tokens)
            tokens = self.to_tokens(tokens, features)
        return tokens.transpose(1, 2).unsqueeze(3) * self.columns.transpose(1, 2).unsqueeze(2)
