"""ARSeg's distillation losses: the mask of one attribute is the student, the mask of all is the teacher."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

EPS = 1e-5


def divergence(student: Tensor, teacher: Tensor, temperature: float = 2.0) -> Tensor:
    """KL(teacher || student) of softmax over channels, times the temperature squared; mean over channels and pixels.

    One channel counts as the logit of two classes. The teacher gets no gradient.

    Args:
        student, teacher: (B, C, H, W) float.
        temperature: that both are divided by before the softmax.

    Returns:
        (B,) float32.
    """
    student, teacher = student.float() / temperature, teacher.detach().float() / temperature
    if student.shape[1] == 1:  # a softmax over one channel is constant
        student, teacher = (torch.cat([x, torch.zeros_like(x)], dim=1) for x in (student, teacher))
    parts = F.kl_div(student.log_softmax(1), teacher.log_softmax(1), reduction="none", log_target=True)
    return parts.flatten(1).mean(1) * temperature**2


def prototype_gap(student: Tensor, teacher: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """How differently two feature maps separate the foreground.

    Each map is turned into the cosines of its pixels with its own mean over the foreground; compared are the cosines.
    The teacher gets no gradient; an image without foreground has a gap of 0.

    Args:
        student, teacher: (B, C, H, W).
        target: (B, 1, h, w) float, 0 or 1; averaged down to (H, W).

    Returns:
        Mean squared difference, (B,) float32, and mean absolute difference, (B,) float32 without a gradient.
    """
    height, width = student.shape[-2:]
    weight = F.adaptive_avg_pool2d(target.float(), (height, width))  # (B, 1, H, W)
    gap = _cosines(student.float(), weight) - _cosines(teacher.detach().float(), weight)  # (B, H, W)
    return gap.square().mean((1, 2)), gap.detach().abs().mean((1, 2))


def _cosines(features: Tensor, weight: Tensor) -> Tensor:
    prototype = (features * weight).sum((2, 3), keepdim=True) / (weight.sum((2, 3), keepdim=True) + EPS)
    return F.cosine_similarity(features, prototype, dim=1, eps=EPS)
