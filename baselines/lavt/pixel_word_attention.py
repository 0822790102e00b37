"""LAVT's pixel-word attention and language gate."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.maps import norm_over_pixels


class PixelWordAttention(nn.Module):
    """Each pixel attends to the words with one head; the result multiplies the pixel (PWAM; LAVT, section 3.2).

    Queries and results are instance-normalised over the pixels, so that only differences between pixels remain: a
    prompt of one token changes nothing.

    Args:
        width: channels C of the pixels.
        words: channels D of the words.
    """

    def __init__(self, width: int, words: int):
        super().__init__()
        self.see = nn.Sequential(nn.Linear(width, width), nn.GELU())
        self.query, self.answer = nn.Linear(width, width), nn.Linear(width, width)
        self.key, self.value = nn.Linear(words, width), nn.Linear(words, width)
        self.join = nn.Sequential(nn.Linear(width, width), nn.GELU())

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> Tensor:
        """x (B, P, C), words (B, N, D), mask (B, N), one word at least -> (B, P, C)."""
        query, key, value = (
            y.unsqueeze(1) for y in (norm_over_pixels(self.query(x)), self.key(words), self.value(words))
        )
        attended = F.scaled_dot_product_attention(query, key, value, mask[:, None, None])  # one head
        return self.join(self.see(x) * norm_over_pixels(self.answer(attended.squeeze(1))))


class LanguageGate(nn.Module):
    """x + tanh(W2 ReLU(W1 f)) f, without biases (LAVT, equations 5 and 6)."""

    def __init__(self, width: int):
        super().__init__()
        layers = nn.Linear(width, width, bias=False), nn.ReLU(), nn.Linear(width, width, bias=False), nn.Tanh()
        self.weigh = nn.Sequential(*layers)
        for layer in (layers[0], layers[2]):
            nn.init.trunc_normal_(layer.weight, std=0.02)

    def forward(self, x: Tensor, attended: Tensor) -> Tensor:
        """(B, P, C) twice -> (B, P, C)."""
        return x + self.weigh(attended) * attended
