"""Losses between pictures and their prompts: whose prompt is it?"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def matching(similarity: Tensor, forward: float = 0.5) -> Tensor:
    """Cross entropy of finding each picture's text, times `forward`, and each text's picture, times the rest.

    Args:
        similarity: (B, B) logits, pictures by texts; pairs on the diagonal.
        forward: weight of picture to text.
    """
    pairs = torch.arange(len(similarity), device=similarity.device)
    there, back = F.cross_entropy(similarity, pairs), F.cross_entropy(similarity.T, pairs)
    return forward * there + (1 - forward) * back


def cosines(images: Tensor, texts: Tensor) -> Tensor:
    """(B, D) twice -> (B, B), float32, under autocast too."""
    with torch.autocast(images.device.type, enabled=False):
        return F.normalize(images.float(), dim=1) @ F.normalize(texts.float(), dim=1).T


def word_similarity(regions: Tensor, words: Tensor, mask: Tensor, sharp: float = 4.0, pool: float = 5.0) -> Tensor:
    """How well the words of each text find themselves in the regions of each picture (GLoRIA, equations 3 to 6).

    Each region is shared out among the words (softmax over words), each word then looks at the regions (softmax over
    regions, times `sharp`); the cosines between the words and what they look at are pooled by log sum exp(pool *).

    Args:
        regions: (B, M, D) float.
        words: (B, N, D) float.
        mask: (B, N) bool; every text has at least one word.

    Returns:
        (B, B) float32, pictures by texts, under autocast too.
    """
    regions, words = regions.float(), words.float()
    found = []
    with torch.autocast(regions.device.type, enabled=False):
        for own, real in zip(words, mask, strict=True):  # one text at a time: all at once are B * B * N * D numbers
            text = own[real]  # (n, D)
            shared = (regions @ text.T).softmax(2)  # (B, M, n)
            seen = (sharp * shared).softmax(1).transpose(1, 2) @ regions  # (B, n, D)
            found.append((pool * F.cosine_similarity(seen, text, dim=2)).logsumexp(1))
    return torch.stack(found, dim=1)
