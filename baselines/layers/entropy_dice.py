"""The loss of Swin-Unet and TransUNet, on the difference of two classes' logits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SMOOTH = 1e-5


def entropy_dice(logits: Tensor, target: Tensor, dice: float = 0.5) -> Tensor:
    """Cross entropy times 1 - `dice`, plus `dice` times the soft Dice loss of both classes.

    Dice is over all pixels of the batch together, 1 - (2 sum(p t) + s) / (sum(p^2) + sum(t^2) + s) with s = 1e-5, and
    its mean over background and foreground. A softmax over two logits is the sigmoid of their difference.
    Source: the code of TransUNet (2021), where dice is 0.5; Swin-Unet (2021) has 0.6.

    Args:
        logits: (B, 1, H, W) float, foreground minus background.
        target: (B, 1, H, W) float, 0 or 1.
        dice: share of the Dice loss, in [0, 1].

    Returns:
        Scalar float32, in [0, inf).
    """
    logits, target = logits.float(), target.float()
    p = logits.sigmoid()
    losses = []
    for found, true in ((p, target), (1 - p, 1 - target)):
        overlap = (2 * (found * true).sum() + SMOOTH) / (found.square().sum() + true.square().sum() + SMOOTH)
        losses.append(1 - overlap)
    entropy = F.binary_cross_entropy_with_logits(logits, target)
    return (1 - dice) * entropy + dice * torch.stack(losses).mean()
