"""Approximates a map by the product of two small non-negative matrices, for cheap context of the whole image.

Source: "Is Attention Better Than Matrix Decomposition?" (ICLR 2021), NMF; SegNeXt's light decoder.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TINY = 1e-6


class Factors(nn.Module):
    """Non-negative matrix factorisation, (B, D, P) -> (B, D, P), by multiplicative updates.

    The gradient goes through the last update of the codes alone (the paper's one-step gradient; SLViT's code has it go
    through all). The initial basis is drawn once and stored with the weights; the published code draws one per batch,
    so that the mask of an image changes with every call.

    Args:
        width: rows D.
        rank: columns of the basis.
        train_steps, eval_steps: updates of both factors.
    """

    basis: Tensor

    def __init__(self, width: int, rank: int, train_steps: int = 6, eval_steps: int = 7):
        super().__init__()
        self.steps = {True: train_steps, False: eval_steps}
        self.register_buffer("basis", F.normalize(torch.rand(width, rank), dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """(B, D, P) of 0 or more -> (B, D, P)."""
        with torch.no_grad():
            basis = self.basis.expand(len(x), -1, -1)
            codes = (x.transpose(1, 2) @ basis).softmax(2)  # (B, P, R)
            for _ in range(self.steps[self.training]):
                codes = _updated(codes, x.transpose(1, 2), basis)
                basis = _updated(basis, x, codes)
        codes = _updated(codes, x.transpose(1, 2), basis)
        return basis @ codes.transpose(1, 2)


def _updated(left: Tensor, x: Tensor, right: Tensor) -> Tensor:
    """left, closer to x = left right^T: all non-negative, x (B, A, B'), left (B, A, R), right (B, B', R)."""
    return left * (x @ right) / (left @ (right.transpose(1, 2) @ right) + TINY)


class Hamburger(nn.Module):
    """1x1 convolution and ReLU, `Factors`, 1x1 convolution; added, ReLU; keeps the shape."""

    def __init__(self, width: int, rank: int):
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(width, width, 1), nn.ReLU())
        self.factors = Factors(width, rank)
        self.leave = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), same shape."""
        with torch.autocast(x.device.type, enabled=False):  # quotients of sums over all pixels
            inside = self.factors(self.enter(x.float()).flatten(2)).unflatten(2, x.shape[-2:])
        return (x + self.leave(inside)).relu()


def normed_pointwise(inputs: int, outputs: int) -> nn.Sequential:
    """1x1 convolution, group norm of 32 groups, or as many of those as divide the channels."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.GroupNorm(math.gcd(32, outputs), outputs))
