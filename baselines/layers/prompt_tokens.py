"""Prompts as attention can take them: pads zeroed, cut to a limit, never without a token."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from baselines.contract import TextBatch


def readable(text: TextBatch, limit: int | None = None) -> TextBatch:
    """The prompts with zeros at the pads, cut to `limit` tokens; an empty prompt gets one blank token, id 0.

    A softmax over no token is not a number. Over one blank token it is 1, and layers with a bias can learn what an
    empty prompt means.
    """
    ids, mask = text.ids[:, :limit], text.mask[:, :limit]
    tokens = text.tokens[:, :limit].masked_fill(~mask.unsqueeze(-1), 0)  # a product would keep a NaN
    ids = ids.masked_fill(~mask, 0)
    if mask.shape[1] == 0:
        ids, mask, tokens = F.pad(ids, (0, 1)), F.pad(mask, (0, 1)), F.pad(tokens, (0, 0, 0, 1))
    first = F.pad(~mask.any(1, keepdim=True), (0, mask.shape[1] - 1))  # (B, N), True on the blank token
    return TextBatch(ids, mask | first, tokens, text.pooled)


def mean_of_words(tokens: Tensor, mask: Tensor) -> Tensor:
    """The mean over real tokens: (B, N, D), (B, N) bool -> (B, D)."""
    weight = mask.unsqueeze(-1).to(tokens.dtype)
    return (tokens * weight).sum(1) / weight.sum(1).clamp_min(1)


def fixed_tokens(text: TextBatch, count: int) -> Tensor:
    """The first `count` tokens of each prompt (B, count, D); pads, and what a shorter prompt lacks, are zeros."""
    tokens = text.tokens.masked_fill(~text.mask.unsqueeze(-1), 0)[:, :count]  # a product would keep a NaN
    return F.pad(tokens, (0, 0, 0, count - tokens.shape[1]))
