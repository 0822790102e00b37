"""A prompt cut into the attributes it names: "Bilateral infection, two areas, upper left lung" has three."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from baselines.contract import TextBatch

COMMAS = {30522: 1010, 49408: 267}  # token id of the comma by size of the vocabulary: BERT's, uncased, and CLIP's


def part_of_token(text: TextBatch, parts: int, comma: int | None) -> Tensor:
    """The number of the attribute that each token belongs to: (B, N) long, -1 for pads and commas.

    Args:
        text: the prompts.
        parts: how many attributes there are; what follows the last expected comma belongs to the last.
        comma: id that ends an attribute; None: a prompt's tokens are shared out in order, in equal parts.
    """
    mask = text.mask
    if comma is None:
        place, length = mask.long().cumsum(1) - 1, mask.sum(1, keepdim=True).clamp_min(1)
        number = place * parts // length
    else:
        ends = mask & (text.ids == comma)
        number, mask = ends.long().cumsum(1).clamp_max(parts - 1), mask & ~ends
    return torch.where(mask, number, -1)


def gather_part(tokens: Tensor, belongs: Tensor, slots: int) -> Tensor:
    """The first `slots` tokens that belong, in order, then zeros: (B, N, D), (B, N) bool -> (B, slots, D)."""
    order = (~belongs).long().argsort(dim=1, stable=True)[:, :slots]
    found = tokens.gather(1, order.unsqueeze(-1).expand(-1, -1, tokens.shape[2]))
    found = found.masked_fill(~belongs.gather(1, order).unsqueeze(-1), 0)  # a product would keep a NaN
    return F.pad(found, (0, 0, 0, slots - found.shape[1]))
