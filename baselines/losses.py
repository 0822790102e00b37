"""The loss that most methods here share: binary cross entropy and soft Dice."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

SMOOTH = 1e-5


def bce_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Half the binary cross entropy plus the soft Dice loss, the latter per image.

    0.5 * BCE(logits, target), mean over all pixels, + 1 - mean over images of (2 sum(p t) + s) / (sum(p) + sum(t) + s)
    with p = sigmoid(logits) and s = 1e-5. Computed in float32 whatever comes in: sums over pixels lose too much in
    half precision. An image without foreground has a Dice term near 0 only where nothing at all is predicted.
    Source: U-KAN (AAAI 2025), "BCEDice".

    Args:
        logits: (B, 1, H, W) float, before the sigmoid.
        target: (B, 1, H, W) float, 0 or 1.

    Returns:
        Scalar float32, in [0, inf).
    """
    _check("bce_dice", logits, target)
    logits, target = logits.float(), target.float()
    p, t = logits.sigmoid().flatten(1), target.flatten(1)  # (B, H*W)
    dice = (2 * (p * t).sum(1) + SMOOTH) / (p.sum(1) + t.sum(1) + SMOOTH)  # (B,)
    return 0.5 * F.binary_cross_entropy_with_logits(logits, target) + 1 - dice.mean()


def balanced_bce_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Half a class-balanced binary cross entropy plus half a soft Dice loss with squares below the line.

    The cross entropy is half its mean over the batch's foreground pixels and half that over its background pixels; a
    class without pixels counts 0. Dice is per image: (2 sum(p t) + s) / (sum(p^2) + sum(t^2) + s), s = 1e-5.
    Source: the code of LViT (TMI 2024), on logits here.

    Args:
        logits, target: as for `bce_dice`.

    Returns:
        Scalar float32, in [0, inf).
    """
    _check("balanced_bce_dice", logits, target)
    logits, target = logits.float(), target.float()
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    classes = (target, 1 - target)
    balanced = sum(((entropy * chosen).sum() / (chosen.sum() + SMOOTH) for chosen in classes), logits.new_zeros(()))
    p, t = logits.sigmoid().flatten(1), target.flatten(1)
    dice = (2 * (p * t).sum(1) + SMOOTH) / ((p * p).sum(1) + (t * t).sum(1) + SMOOTH)
    return 0.5 * (0.5 * balanced) + 0.5 * (1 - dice.mean())


def _check(name: str, logits: Tensor, target: Tensor) -> None:
    if logits.shape != target.shape:  # broadcasting would average over pairs that do not belong together
        raise ValueError(f"{name}: logits {tuple(logits.shape)} and target {tuple(target.shape)} differ in shape")
