"""A U-Net decoder for any pyramid of maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.convolution import conv_block

ENLARGE: dict[str, dict[str, Any]] = {
    "bilinear": {"mode": "bilinear", "align_corners": False},
    "aligned": {"mode": "bilinear", "align_corners": True},
    "nearest": {"mode": "nearest"},
}


class SkipDecoder(nn.Module):
    """Enlarge twofold, join the skip, convolve twice, at each scale; the last step, to full size, has no skip.

    Args:
        skips: channels of the maps at 1/2, 1/4, ..., coarsest last.
        widths: channels after each step, coarsest first; as many as maps.
        enlarge: "bilinear", "aligned" (bilinear, corners stay in the corners) or "nearest".
        head: kernel of the last convolution.
    """

    def __init__(self, skips: Sequence[int], widths: Sequence[int], enlarge: str = "bilinear", head: int = 1):
        super().__init__()
        self.enlarge = ENLARGE[enlarge]
        before = [skips[-1], *widths[:-1]]
        beside = [*skips[-2::-1], 0]
        self.steps = nn.ModuleList(conv_block(b + s, w, w) for b, s, w in zip(before, beside, widths, strict=True))
        self.head = nn.Conv2d(widths[-1], 1, head, padding=head // 2)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Maps, finest first -> logits (B, 1, H, W)."""
        *skips, x = maps
        for step in self.steps:
            x = F.interpolate(x, scale_factor=2, **self.enlarge)
            x = step(torch.cat([x, skips.pop()], dim=1) if skips else x)
        return self.head(x)
