"""Memory tokens attend to a prompt, and pixels to the memory: RefSegformer's fusion.

Source: Wu et al., "Towards Robust Referring Image Segmentation" (IEEE TIP 2024), "vision-language token fusion".
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.maps import norm_over_pixels, to_map, to_tokens

# standard deviations of the initial weights of attention in the official code, whose last gains start at 0
ENCODER_STD, DECODER_STD = 0.02, 0.001
MEMORY, ABSENT = 20, 10  # tokens that attend to the prompt, and tokens for objects that are not in the image


class Look(nn.Module):
    """Cross-attention: x (B, P, C) to memory (B, M, D), mask (B, M) -> (B, P, C).

    Args:
        width, dim: C and D.
        heads: divides C.
        std: of the first weights, whose biases are then 0; None: PyTorch's.
    """

    def __init__(self, width: int, dim: int, heads: int, std: float | None = None):
        super().__init__()
        self.heads = heads
        self.query, self.answer = nn.Linear(width, width), nn.Linear(width, width)
        self.key = nn.Linear(dim, width, bias=False)  # a softmax takes its bias away
        self.value = nn.Linear(dim, width)
        if std is not None:
            for layer in (self.query, self.answer, self.key, self.value):
                nn.init.normal_(layer.weight, std=std)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, P, C), (B, M, D), (B, M) bool; None: all -> (B, P, C)."""
        allowed = mask if mask is None else mask[:, None, None]
        parts = (self.query(x), self.key(memory), self.value(memory))
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)  # (B, heads, P, C/heads)
        return self.answer(attended.transpose(1, 2).flatten(2))


class TokenNorm(nn.BatchNorm1d):
    """Batch norm over images and pixels of (B, P, C). The gain starts at `start`."""

    def __init__(self, width: int, start: float = 1.0):
        super().__init__(width)
        nn.init.constant_(self.weight, start)

    def forward(self, x: Tensor) -> Tensor:
        """(B, P, C), same shape."""
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class Fusion(nn.Module):
    """VLTF: attention of the pixels (B, P, C) to a memory of the words (B, N, D).

    The 30 tokens of the memory, those for absent objects first, are normalised together. If the other 20 were
    normalised alone, a prompt of one word would be lost, because all of them attend to it alike.
    """

    def __init__(self, width: int, dim: int, heads: int, start: float):
        super().__init__()
        self.memory, self.absent = _tokens(MEMORY, width), _tokens(ABSENT, width)
        std = ENCODER_STD if start == 0 else None
        self.narrow = nn.Linear(dim, width)
        self.read = Look(width, width, heads, std)
        self.see = nn.Sequential(nn.Linear(width, width), TokenNorm(width))
        self.look = Look(width, width, heads, std)
        self.output = nn.Sequential(nn.Linear(width, width), TokenNorm(width, start))
        for linear in (self.narrow, self.see[0], self.output[0]):
            nn.init.xavier_uniform_(linear.weight)  # type: ignore[arg-type]

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The result (B, P, C), not added to the pixels, and the memory (B, 30, C)."""
        kept, absent = (tokens.expand(len(x), -1, -1) for tokens in (self.memory, self.absent))
        read = self.read(kept, self.narrow(words), mask)
        memory = norm_over_pixels(torch.cat([absent, read.to(absent.dtype)], dim=1))  # over the 30 tokens
        return self.output(norm_over_pixels(self.look(self.see(x), memory))), memory


class Recall(nn.Module):
    """x + attention of a decoder map (B, C, H, W) to its level's memory (B, 30, D)."""

    def __init__(self, width: int, dim: int, heads: int, start: float):
        super().__init__()
        std = DECODER_STD if start == 0 else None
        self.look, self.norm = Look(width, dim, heads, std), TokenNorm(width, start)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """(B, C, H, W), (B, 30, D) -> (B, C, H, W)."""
        return x + to_map(self.norm(self.look(to_tokens(x), memory)), *x.shape[-2:])


class Existence(nn.Module):
    """Logit (B, 1) that the object is present, from a map (B, C, H, W) and its level's memory, without gradients."""

    def __init__(self, width: int, dim: int, heads: int):
        super().__init__()
        self.look, self.tell = Look(width, dim, heads), nn.Linear(width, 1)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """(B, C, H, W), (B, 30, D) -> logit (B, 1)."""
        return self.tell(self.look(to_tokens(x.detach()), memory.detach()).mean(1))


def _tokens(count: int, width: int) -> nn.Parameter:
    tokens = torch.empty(count, width)
    return nn.Parameter(nn.init.xavier_uniform_(tokens).unsqueeze(0))
