"""Contrastive losses between pictures and their prompts."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def matching(similarity: Tensor, forward: float = 0.5) -> Tensor:
    """Cross entropy of picking each picture's text, times `forward`, and each text's picture, times 1 - `forward`.

    Args:
        similarity: (B, B) logits, pictures by texts; pairs on the diagonal.
        forward: weight of picture to text.
    """
    pairs = torch.arange(len(similarity), device=similarity.device)
    to_text, to_image = F.cross_entropy(similarity, pairs), F.cross_entropy(similarity.T, pairs)
    return forward * to_text + (1 - forward) * to_image


def cosines(images: Tensor, texts: Tensor) -> Tensor:
    """(B, D) twice -> (B, B), float32, under autocast too."""
    with torch.autocast(images.device.type, enabled=False):
        return F.normalize(images.float(), dim=1) @ F.normalize(texts.float(), dim=1).T


def word_similarity(regions: Tensor, words: Tensor, mask: Tensor, sharp: float = 4.0, pool: float = 5.0) -> Tensor:
    """Similarity between the words of each text and the regions of each picture (GLoRIA, equations 3 to 6).

    Scores are a softmax over words, then `sharp` times that a softmax over regions. The cosines between each word and
    its weighted mean of the regions are pooled by log sum exp(pool *).

    Args:
        regions: (B, M, D) float.
        words: (B, N, D) float.
        mask: (B, N) bool; every text has at least one word.

    Returns:
        (B, B) float32, pictures by texts, under autocast too.
    """
    regions, words = regions.float(), words.float()
    columns = []
    with torch.autocast(regions.device.type, enabled=False):
        for own, real in zip(words, mask, strict=True):  # one text at a time: all at once are B * B * N * D numbers
            text = own[real]  # (n, D)
            share = (regions @ text.T).softmax(2)  # (B, M, n)
            context = (sharp * share).softmax(1).transpose(1, 2) @ regions  # (B, n, D)
            columns.append((pool * F.cosine_similarity(context, text, dim=2)).logsumexp(1))
    return torch.stack(columns, dim=1)
