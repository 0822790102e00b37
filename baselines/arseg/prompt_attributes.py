"""Divides a prompt into its attributes: "Bilateral infection, two areas, upper left lung" has three."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor

from baselines.contract import TextBatch, Vocabulary


def words_of(text: TextBatch, known: Vocabulary) -> Tensor:
    """(B, N) bool, True on real tokens that are neither a comma nor the mark at the start or the end."""
    words = text.mask if known.comma is None else text.mask & (text.ids != known.comma)
    if known.marks is None:
        return words
    place, last = torch.arange(text.mask.shape[1], device=text.mask.device), text.mask.sum(1, keepdim=True) - 1
    starts, ends = (place == 0) & (text.ids == known.marks[0]), (place == last) & (text.ids == known.marks[1])
    return words & ~starts & ~ends


def part_of_token(text: TextBatch, slots: Sequence[int], comma: int | None, words: Tensor) -> Tensor:
    """(B, N) long, the number of the attribute whose slot each token gets; -1 for a token without a slot.

    The first sum(slots) words of a prompt all get a slot, in order. If an attribute has more words than slots, the rest
    continue in the slots of the next one; if the last attribute is full, in slots that earlier ones left free.

    Args:
        text: the prompts.
        slots: number of slots of each attribute; all words after the last expected comma belong to the last attribute.
        comma: id that ends an attribute. If a prompt has none, or this is None, its words are distributed in order, in
            proportion to the slots.
        words: (B, N) bool, from `words_of`.
    """
    device, total = text.ids.device, sum(slots)
    # filled on the device: sending numbers from the host would make it wait
    owner = torch.cat([torch.full((count,), i, device=device) for i, count in enumerate(slots)])  # of each slot
    firsts = [0, *accumulate(slots)][:-1]  # of each attribute's slots
    first = torch.cat([torch.full((1,), slot, device=device) for slot in firsts])
    order, count = words.long().cumsum(1) - 1, words.sum(1, keepdim=True)
    ends = torch.zeros_like(words) if comma is None else text.mask & (text.ids == comma)
    shared = owner[(order * total // count.clamp_min(1)).clamp(0, total - 1)]
    named = ends.long().cumsum(1).clamp_max(len(slots) - 1)
    wanted = first[torch.where(ends.any(1, keepdim=True), named, shared)] - order
    slot = wanted.masked_fill(~words, -total - words.shape[1]).cummax(1).values + order  # a slot for each, in order
    slot = torch.minimum(slot, order + (total - count).clamp_min(0))  # the last ones move up if there is no room
    return torch.where(words & (slot < total), owner[slot.clamp(0, total - 1)], -1)


def gather_part(tokens: Tensor, belongs: Tensor, slots: int) -> Tensor:
    """The first `slots` tokens that belong, in order, then zeros: (B, N, D), (B, N) bool -> (B, slots, D)."""
    order = (~belongs).long().argsort(dim=1, stable=True)[:, :slots]
    gathered = tokens.gather(1, order.unsqueeze(-1).expand(-1, -1, tokens.shape[2]))
    gathered = gathered.masked_fill(~belongs.gather(1, order).unsqueeze(-1), 0)  # a product would keep a NaN
    return F.pad(gathered, (0, 0, 0, slots - gathered.shape[1]))
