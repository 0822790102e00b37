"""MM-UKAN++'s attention: channels weighted by their content at sixteen frequencies, then pixels.

Source: MM-UKAN++ (IEEE TUFFC 2025), "FCS attention"; the channels' part is FcaNet (ICCV 2021), section 3.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.layers.cbam import SpatialAttention

# (row, column) of the sixteen frequencies of a 7 x 7 grid that served FcaNet best on ImageNet ("top 16")
FREQUENCIES = (
    (0, 0), (0, 1), (6, 0), (0, 5), (0, 2), (1, 0), (1, 2), (4, 0),
    (5, 0), (1, 6), (3, 0), (0, 4), (0, 6), (0, 3), (3, 5), (2, 2),
)  # fmt: skip
GRID = 7


def cosines(frequencies: Tensor, side: int) -> Tensor:
    """Rows of the orthonormal DCT-II matrix: (C,) whole numbers below `side` -> (C, side) float32."""
    place = (torch.arange(side, dtype=torch.float64, device=frequencies.device) + 0.5) / side
    rows = torch.cos(math.pi * frequencies.double()[:, None] * place) * math.sqrt(2 / side)
    return torch.where(frequencies[:, None] == 0, rows / math.sqrt(2), rows).float()


class FrequencyAttention(nn.Module):
    """Weights each channel by the sigmoid of an MLP on one DCT coefficient of every channel; keeps the shape.

    The first sixteenth of the channels gives its coefficient at the first frequency, and so on.

    Args:
        width: channels, a multiple of 16.
        side: that maps are averaged down to first; the grid of frequencies is stretched to it.
        reduction: how many times narrower the MLP is inside.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, width: int, side: int, reduction: int = 16):
        super().__init__()
        each = width // len(FREQUENCIES)
        grid = torch.tensor(FREQUENCIES, device="cpu").repeat_interleave(each, 0)  # (C, 2)
        chosen = grid * (side // GRID) if side >= GRID else grid * side // GRID
        self.side = side
        self.register_buffer("rows", cosines(chosen[:, 0], side), persistent=False)
        self.register_buffer("columns", cosines(chosen[:, 1], side), persistent=False)
        hidden = max(1, width // reduction)
        layers = nn.Linear(width, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, width, bias=False), nn.Sigmoid()
        self.weigh = nn.Sequential(*layers)

    def coefficients(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C) float32: sums over a map overflow half precision."""
        with torch.autocast(x.device.type, enabled=False):
            small = F.adaptive_avg_pool2d(x.float(), self.side)
            return torch.einsum("bchw,ch,cw->bc", small, self.rows, self.columns)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), same shape."""
        return x * self.weigh(self.coefficients(x))[:, :, None, None]


class FCSAttention(nn.Sequential):
    """Channels by frequency, then pixels by CBAM's spatial attention; keeps the shape."""

    def __init__(self, width: int, side: int, reduction: int = 16):
        super().__init__(FrequencyAttention(width, side, reduction), SpatialAttention())
