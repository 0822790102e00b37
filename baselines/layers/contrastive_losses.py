"""Contrastive losses between images and their prompts."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

LOW = -1e4  # below every logit of a pair, finite in half precision
LEFT_OUT = -100  # the label that cross entropy ignores


def matching(similarity: Tensor, forward: float = 0.5, taking_part: Tensor | None = None) -> Tensor:
    """Cross entropies of choosing each image's text, times `forward`, and each text's image, times 1 - `forward`.

    Args:
        similarity: (B, B) logits, images by texts; pairs on the diagonal.
        forward: weight of image to text.
        taking_part: (B,) bool, the pairs that are matched with each other; None: all. Without any the loss is 0.
    """
    pairs = torch.arange(len(similarity), device=similarity.device)
    if taking_part is None:
        to_text, to_image = F.cross_entropy(similarity, pairs), F.cross_entropy(similarity.T, pairs)
    else:
        similarity = similarity.masked_fill(~(taking_part[:, None] & taking_part), LOW)
        pairs, count = pairs.masked_fill(~taking_part, LEFT_OUT), taking_part.sum().clamp_min(1)
        to_text, to_image = (
            F.cross_entropy(logits, pairs, reduction="sum", ignore_index=LEFT_OUT) / count
            for logits in (similarity, similarity.T)
        )
    return forward * to_text + (1 - forward) * to_image


def cosines(images: Tensor, texts: Tensor) -> Tensor:
    """(B, D) twice -> (B, B), float32, under autocast too."""
    with torch.autocast(images.device.type, enabled=False):
        return F.normalize(images.float(), dim=1) @ F.normalize(texts.float(), dim=1).T


def word_similarity(regions: Tensor, words: Tensor, mask: Tensor, sharp: float = 4.0, pool: float = 5.0) -> Tensor:
    """Similarity between the words of each text and the regions of each image (GLoRIA, equations 3 to 6).

    Scores are a softmax over words, then `sharp` times that a softmax over regions. The cosines between each word and
    its weighted mean of the regions are pooled by log sum exp(pool *).

    Args:
        regions: (B, M, D) float.
        words: (B, N, D) float.
        mask: (B, N) bool, True on real words.

    Returns:
        (B, B) float32, images by texts, under autocast too. The column of a text without words is finite but
        meaningless.
    """
    regions, words = regions.float(), words.float()
    columns = []
    with torch.autocast(regions.device.type, enabled=False):
        for own, real in zip(words, mask, strict=True):  # one text at a time: all at once are B * B * N * D numbers
            share = (regions @ own.T).masked_fill(~real, torch.finfo(own.dtype).min).softmax(2)  # (B, M, N)
            context = (sharp * share).softmax(1).transpose(1, 2) @ regions  # (B, N, D)
            similarity = F.cosine_similarity(context, own, dim=2)  # (B, N)
            columns.append((pool * similarity).masked_fill(~real, LOW).logsumexp(1))
    return torch.stack(columns, dim=1)
