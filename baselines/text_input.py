"""The text input of a method: a batch of encoded prompts, and the properties of the encoder."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True)
class TextBatch:
    """The prompts of a batch as a frozen encoder encodes them. Pads come last; an empty prompt has no real token.

    Args:
        ids: (B, N) long, the encoder's token ids.
        mask: (B, N) bool, True on real tokens.
        tokens: (B, N, D) float, the encoder's last hidden states.
        pooled: (B, D) float, one vector per prompt.
    """

    ids: Tensor
    mask: Tensor
    tokens: Tensor
    pooled: Tensor

    def __len__(self) -> int:
        return len(self.ids)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> TextBatch:
        """The same batch on another device."""
        parts = (self.ids, self.mask, self.tokens, self.pooled)
        return TextBatch(*(part.to(device, non_blocking=non_blocking) for part in parts))

    def __getitem__(self, rows: Tensor | slice) -> TextBatch:
        """Some of the prompts: a slice, or a tensor of row numbers or booleans."""
        return TextBatch(self.ids[rows], self.mask[rows], self.tokens[rows], self.pooled[rows])


@dataclass(frozen=True)
class Vocabulary:
    """The meaning of some token ids of the frozen encoder; `layers.hub.vocabulary` reads it from the tokenizer.

    Args:
        digest: SHA-256 of all tokens and their ids; "" if unknown.
        comma: id of the comma; None if unknown, or if the comma has no id of its own.
        marks: ids of the start and end marks; None if unknown, or if there are none.
    """

    digest: str = ""
    comma: int | None = None
    marks: tuple[int, int] | None = None


@dataclass(frozen=True)
class TextSpec:
    """The properties of the frozen encoder that a method can use when it is built.

    Args:
        dim: width D of tokens and of the pooled vector.
        length: tokens of the longest prompt, the upper bound of N.
        vocab: number of token ids.
        words: meaning of the ids. A pretrained tower that reads token ids must have the same digest, if that is known.
    """

    dim: int
    length: int
    vocab: int
    words: Vocabulary = field(default=Vocabulary(), repr=False, compare=False)
