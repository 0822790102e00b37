"""The loss of methods with two classes and an argmax, on the difference of both logits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def two_class_cross_entropy(logits: Tensor, target: Tensor, weights: tuple[float, float] = (0.9, 1.1)) -> Tensor:
    """Cross entropy with class weights: a softmax over two logits is the sigmoid of their difference.

    The mean over pixels is weighted too, as in torch's `cross_entropy`. Source: the code of LAVT (CVPR 2022).

    Args:
        logits: (B, 1, H, W) float, foreground minus background.
        target: (B, 1, H, W) float, 0 or 1.
        weights: of background and foreground.

    Returns:
        Scalar float32, in [0, inf).
    """
    logits, target = logits.float(), target.float()
    weight = torch.where(target > 0.5, weights[1], weights[0])
    return F.binary_cross_entropy_with_logits(logits, target, weight=weight, reduction="sum") / weight.sum()
