"""K-Gate: two KAN layers decide, feature by feature, how much of an attended map passes.

Source: "Towards Text-Mask Consistency in Medical Image Segmentation" (ICLR 2026), stage 2.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from baselines.layers.kan import kan


class KGate(nn.Module):
    """F * tanh(KAN2(ReLU(KAN1(F)))), one such gate for each direction of attention; with `norm`, of LayerNorm(F).

    Args:
        width: channels C.
        kind: KAN layer, see `baselines.layers.kan.kan`.
        norm: LayerNorm of F, so that it is in the range of the splines; the output is normalised too. The paper has
            none.
        **options: of the KAN layers.
    """

    def __init__(self, width: int, kind: str = "spline", norm: bool = False, **options: Any):
        super().__init__()
        self.norm = nn.LayerNorm(width) if norm else nn.Identity()
        self.first = kan(kind, width, width, **options)
        self.second = kan(kind, width, width, **options)

    def forward(self, x: Tensor) -> Tensor:
        """(B, P, C) -> (B, P, C)."""
        x = self.norm(x)
        return x * torch.tanh(self.second(torch.relu(self.first(x))))
