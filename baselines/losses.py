"""Losses that two or more methods share."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SMOOTH = 1e-5
HALF = 0.05  # predicted area, as a share of the image, for which `excess` is one half


def bce_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Half the binary cross entropy plus the soft Dice loss, the latter per image.

    0.5 * BCE(logits, target), mean over all pixels, + 1 - mean over images of (2 sum(p t) + s) / (sum(p) + sum(t) + s)
    with p = sigmoid(logits) and s = 1e-5. Computed in float32, because sums over pixels are too inaccurate in half
    precision. An image without foreground has a Dice term near 0 only where nothing is predicted.
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
    """Half a class-balanced binary cross entropy plus half a soft Dice loss with squares in the denominator.

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
    return 0.5 * (0.5 * balanced) + 0.5 * _squared_dice_loss(logits, target)


def bce_squared_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Half the binary cross entropy plus half the soft Dice loss of `balanced_bce_dice`.

    Source: the code of RecLMIS (TMI 2025), on logits here.

    Args:
        logits, target: as for `bce_dice`.

    Returns:
        Scalar float32, in [0, inf).
    """
    _check("bce_squared_dice", logits, target)
    logits, target = logits.float(), target.float()
    entropy = F.binary_cross_entropy_with_logits(logits, target)
    return 0.5 * entropy + 0.5 * _squared_dice_loss(logits, target)


def bce_batch_dice(logits: Tensor, target: Tensor, smooth: float = SMOOTH, entropy: float = 1.0) -> Tensor:
    """The binary cross entropy, times `entropy`, plus the soft Dice loss over all pixels of the batch.

    entropy BCE(logits, target) + 1 - (2 sum(p t) + s) / (sum(p) + sum(t) + s). Sources: nnU-Net (2021), "batch Dice";
    the code of TGANet (MICCAI 2022), where s is 1; that of U-Net++ (DLMIA 2018), where the cross entropy is halved too.

    Args:
        logits, target: as for `bce_dice`.
        smooth: s.
        entropy: weight of the cross entropy.

    Returns:
        Scalar float32, in [0, inf).
    """
    _check("bce_batch_dice", logits, target)
    logits, target = logits.float(), target.float()
    p = logits.sigmoid()
    dice = (2 * (p * target).sum() + smooth) / (p.sum() + target.sum() + smooth)
    return entropy * F.binary_cross_entropy_with_logits(logits, target) + 1 - dice


def _squared_dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    p, t = logits.sigmoid().flatten(1), target.flatten(1)
    dice = (2 * (p * t).sum(1) + SMOOTH) / ((p * p).sum(1) + (t * t).sum(1) + SMOOTH)
    return 1 - dice.mean()


def two_class_cross_entropy(
    logits: Tensor, target: Tensor, weights: tuple[float, float] = (0.9, 1.1), rows: Tensor | None = None
) -> Tensor:
    """Cross entropy with class weights: a softmax over two logits is the sigmoid of their difference.

    The mean over pixels is weighted too, as in torch's `cross_entropy`. Source: the code of LAVT (CVPR 2022).

    Args:
        logits: (B, 1, H, W) float, foreground minus background.
        target: (B, 1, H, W) float, 0 or 1.
        weights: of background and foreground.
        rows: (B,) bool, the images that count; None: all. Without any the loss is 0.

    Returns:
        Scalar float32, in [0, inf).
    """
    logits, target = logits.float(), target.float()
    weight = torch.where(target > 0.5, weights[1], weights[0])
    if rows is not None:
        weight = weight * rows[:, None, None, None]
    entropy = F.binary_cross_entropy_with_logits(logits, target, weight=weight, reduction="sum")
    return entropy / weight.sum().clamp_min(SMOOTH)


def entropy_dice(logits: Tensor, target: Tensor, dice: float = 0.5) -> Tensor:
    """Cross entropy times 1 - `dice`, plus `dice` times the soft Dice loss of both classes.

    Dice is over all pixels of the batch together, 1 - (2 sum(p t) + s) / (sum(p^2) + sum(t^2) + s) with s = 1e-5,
    and the mean over background and foreground. A softmax over two logits is the sigmoid of their difference.
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
    for probability, truth in ((p, target), (1 - p, 1 - target)):
        mass = probability.square().sum() + truth.square().sum()
        overlap = (2 * (probability * truth).sum() + SMOOTH) / (mass + SMOOTH)
        losses.append(1 - overlap)
    entropy = F.binary_cross_entropy_with_logits(logits, target)
    return (1 - dice) * entropy + dice * torch.stack(losses).mean()


def disagreement(one: Tensor, other: Tensor) -> Tensor:
    """How much the masks of two sets of logits differ: 0 if they are equal, 1 if they have no pixel in common.

    Mean over images of sum((p - q)^2) / (sum(p^2) + sum(q^2) + s) with p and q the sigmoids and s = 1e-5, which is one
    minus the soft Dice with squares. Both sets get gradients.

    Args:
        one, other: (B, 1, H, W) float, before the sigmoid.

    Returns:
        Scalar float32, in [0, 1).
    """
    _check("disagreement", one, other)
    p, q = one.float().sigmoid().flatten(1), other.float().sigmoid().flatten(1)
    return ((p - q).square().sum(1) / (p.square().sum(1) + q.square().sum(1) + SMOOTH)).mean()


def excess(logits: Tensor, target: Tensor) -> Tensor:
    """How much is predicted where nothing should be: 0 for empty masks, near 1 for large ones.

    Mean over all images of a / (a + 0.05), with a the predicted area, mean of sigmoid(logits), of an image whose target
    is empty; other images count 0. On an empty target a soft Dice loss has no gradient and the cross entropy a small
    one, so a network learns late to predict nothing.

    Args:
        logits: (B, 1, H, W) float, before the sigmoid.
        target: (B, 1, H, W) float, 0 or 1.

    Returns:
        Scalar float32, in [0, 1).
    """
    _check("excess", logits, target)
    area = logits.float().sigmoid().flatten(1).mean(1)  # (B,)
    empty = target.flatten(1).amax(1) == 0
    return (empty * area / (area + HALF)).mean()


def _check(name: str, logits: Tensor, target: Tensor) -> None:
    if logits.shape != target.shape:  # broadcasting would average over pairs that do not belong together
        raise ValueError(f"{name}: logits {tuple(logits.shape)} and target {tuple(target.shape)} differ in shape")
