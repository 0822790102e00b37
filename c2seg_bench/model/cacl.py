"""CaCL: soft contrastive pretraining of the image encoder against a frozen text encoder.

Source: "Towards Text-Mask Consistency in Medical Image Segmentation" (ICLR 2026), stage 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def soft_targets(text_emb: Tensor, tau: float, rho: float) -> Tensor:
    """Target weight of text j for image i.

    M = cos(l_i, l_j) is debiased by its row mean (including the diagonal), clipped at zero, put through a softmax with
    temperature tau, and mixed with the identity: Y = rho * softmax(max(M - mean, 0) / tau) + (1 - rho) * I.
    Equal texts share the soft part equally; a clipped pair has exp(0) in the softmax, not zero.

    Args:
        text_emb: (B, D) float, L2-normalised.
        tau: temperature, > 0 (paper: 0.07).
        rho: share of the soft part in [0, 1] (paper: 0.8); 0 is the hard contrastive loss of the ablation.

    Returns:
        (B, B) float, rows sum to 1, no gradient (the text encoder is frozen).
    """
    with torch.no_grad():
        similarity = text_emb @ text_emb.T  # (B, B)
        debiased = (similarity - similarity.mean(dim=1, keepdim=True)).clamp_min(0)
        identity = torch.eye(len(text_emb), dtype=text_emb.dtype, device=text_emb.device)
        return rho * (debiased / tau).softmax(dim=1) + (1 - rho) * identity


def cacl_loss(image_emb: Tensor, text_emb: Tensor, tau: float = 0.07, rho: float = 0.8) -> Tensor:
    """Bidirectional cross entropy between image-text similarities and `soft_targets`.

    L = -(1/B) sum_ij (Y_ij log P_v2l[i, j] + Y_ji log P_l2v[i, j]), where P_v2l is a softmax over texts and P_l2v one
    over images, so that dL/ds_ij = ((P_v2l - Y)_ij + (P_l2v - Y^T)_ij) / (B tau), the paper's gradient. There is no
    factor 1/2 between the directions.

    Args:
        image_emb, text_emb: (B, D) float, L2-normalised; row i of both belong together.
        tau, rho: as in `soft_targets`.

    Returns:
        Scalar of the embeddings' dtype; 0 for B = 1. Autocast is switched off, because similar texts differ by less
        than the resolution of half precision.
    """
    with torch.autocast(image_emb.device.type, enabled=False):
        return _loss(image_emb, text_emb, tau, rho)


def _loss(image_emb: Tensor, text_emb: Tensor, tau: float, rho: float) -> Tensor:
    targets = soft_targets(text_emb, tau, rho)
    logits = image_emb @ text_emb.T / tau  # (B images, B texts)
    image_to_text = -(targets * F.log_softmax(logits, dim=1)).sum()
    text_to_image = -(targets.T * F.log_softmax(logits, dim=0)).sum()
    return (image_to_text + text_to_image) / len(logits)


def gathered(x: Tensor, counts: Sequence[int]) -> Tensor:
    """The rows of all processes, with gradients to each: (n, D) -> (sum(counts), D).

    Args:
        x: (n, D), the rows of this process.
        counts: number of rows in each process, in the order of the batch; fewer than two: one process.
    """
    if len(counts) < 2:
        return x
    padded = F.pad(x, (0, 0, 0, max(counts) - len(x)))  # a collective needs one shape
    parts = _Gather.apply(padded)  # (processes, n, D)
    return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])


class _Gather(torch.autograd.Function):
    """The tensors of all processes, stacked. The gradient of each is the sum over processes."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        parts = [torch.empty_like(x) for _ in range(torch.distributed.get_world_size())]
        torch.distributed.all_gather(parts, x.contiguous())
        return torch.stack(parts)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        grad = grad.contiguous()
        torch.distributed.all_reduce(grad)
        return grad[torch.distributed.get_rank()]
