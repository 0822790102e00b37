"""RecLMIS's training losses: features hidden by importance and rebuilt from the other modality, and a contrast.

Source: RecLMIS (TMI 2025), "conditioned reconstruction" and "conditioned contrastive" losses; the transformer is the
one of masked captioning in video grounding.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HIDDEN = -1e4  # below every score of a token, finite in half precision
TINY = 1e-6


class Importance(nn.Module):
    """Weights that sum to 1 over real tokens: (B, N, C) -> (B, N) float32, zero on pads."""

    def __init__(self, width: int):
        super().__init__()
        # the official last layer has a bias, which has no effect before a softmax
        self.score = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1, bias=False))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, N, C), (B, N) bool -> (B, N) float32."""
        return self.score(x).squeeze(-1).float().masked_fill(~mask, HIDDEN).softmax(1) * mask


def hide(x: Tensor, weight: Tensor, mask: Tensor, share: float) -> Tensor:
    """Set a share of each row's real tokens to zero; they are drawn without replacement, with probability by weight.

    Args:
        x: (B, N, C).
        weight: (B, N), zero on pads.
        mask: (B, N) bool, True on real tokens.
        share: of the real tokens, rounded down; at least one is hidden.
    """
    # the largest values of log weight + Gumbel noise are a draw without replacement, for all rows at once
    noise = -torch.empty_like(weight).exponential_().clamp_min(TINY).log()
    order = ((weight.detach() + TINY).log() + noise).masked_fill(~mask, -torch.inf).argsort(1, descending=True)
    count = (mask.sum(1, keepdim=True) * share).long().clamp_min(1)
    rank = order.argsort(1)
    return x.masked_fill((rank < count).unsqueeze(-1), 0)


class Reconstructor(nn.Module):
    """Reconstructs one modality's hidden features from its visible ones and from the other modality.

    Self-attention over the other modality, then self-attention over the visible features and cross-attention to the
    other modality. In both self-attentions a token sees itself and those before it. In attention to the other modality,
    and in its self-attention, the probabilities are multiplied by the importance of the key and normalised again.

    Args:
        width: channels of both modalities.
        outputs: channels of what is rebuilt; a linear layer is added where they differ from width.
        heads, depth, hidden: of each of the two transformers.
    """

    def __init__(self, width: int, outputs: int, heads: int, depth: int, hidden: int):
        super().__init__()
        reading = nn.TransformerEncoderLayer(width, heads, hidden, dropout=0.1, batch_first=True)
        writing = nn.TransformerDecoderLayer(width, heads, hidden, dropout=0.1, batch_first=True)
        self.read = nn.TransformerEncoder(reading, depth, enable_nested_tensor=False)
        self.write = nn.TransformerDecoder(writing, depth)
        self.heads = heads
        self.output = nn.Identity() if outputs == width else nn.Linear(width, outputs)

    def forward(self, other: Tensor, weight: Tensor, other_mask: Tensor, hidden: Tensor) -> Tensor:
        """Rebuilt features (B, M, outputs).

        Args:
            other: (B, N, C), with weight (B, N) and other_mask (B, N) bool.
            hidden: (B, M, C), pads at the end; as a token sees only those before it, they need no mask.
        """
        # adding the logarithm to the scores multiplies the probabilities
        importance = (weight + TINY).log().masked_fill(~other_mask, HIDDEN).to(hidden.dtype)
        by_itself = self._for_heads(importance, other.shape[1]).masked_fill(_later(other), -torch.inf)
        memory = self.read(other, mask=by_itself, is_causal=False)  # without the hint PyTorch looks into the mask
        importance = self._for_heads(importance, hidden.shape[1])
        written = self.write(hidden, memory, tgt_mask=_later(hidden), memory_mask=importance, tgt_is_causal=False)
        return self.output(written)

    def _for_heads(self, importance: Tensor, length: int) -> Tensor:
        """Scores added for each head and each of `length` tokens that look: (B, N) -> (B*heads, length, N)."""
        return importance[:, None, None].expand(-1, self.heads, length, -1).flatten(0, 1)


def _later(x: Tensor) -> Tensor:
    """(L, L) bool, True if a token (row) would attend to a later one: for x (B, L, C)."""
    return torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)


def squared_error(rebuilt: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error over real tokens: (B, N, C) twice, (B, N) bool -> scalar float32."""
    error = (rebuilt.float() - target.float()).square().mean(-1)  # (B, N)
    return (error * mask).sum() / mask.sum().clamp_min(1)


def conditioned_contrast(
    image: Tensor, image_weight: Tensor, words: Tensor, word_weight: Tensor, mask: Tensor, scale: float
) -> Tensor:
    """Symmetric cross entropy over the batch of token-wise similarities, weighted by importance.

    The similarity of a prompt and an image is half the weighted sum, over words, of each one's best cosine among the
    image's tokens, plus half the same with words and image exchanged. The matching pair is the correct class; one pair
    gives 0. As in the official code, the weights first pass another softmax, which nearly equalises them.

    Args:
        image: (B, P, C), with image_weight (B, P).
        words: (B, N, C), with word_weight (B, N) and mask (B, N) bool, True on real tokens.
        scale: of the similarities (CLIP's is 100).

    Returns:
        Scalar float32, under autocast too.
    """
    with torch.autocast(image.device.type, enabled=False):
        image, words = F.normalize(image.float(), dim=-1), F.normalize(words.float(), dim=-1)
        image_weight = image_weight.float().softmax(1)
        word_weight = word_weight.float().masked_fill(~mask, HIDDEN).softmax(1) * mask
        cosines = torch.einsum("anc,bpc->abnp", words, image)  # prompts a, images b
        by_word = torch.einsum("abn,an->ab", cosines.amax(3), word_weight)
        kept = cosines.masked_fill(~mask[:, None, :, None], HIDDEN)
        by_pixel = torch.einsum("abp,bp->ab", kept.amax(2), image_weight)
        similarity = scale * (by_word + by_pixel) / 2
        pair = torch.arange(len(image), device=image.device)
        return (F.cross_entropy(similarity, pair) + F.cross_entropy(similarity.T, pair)) / 2
