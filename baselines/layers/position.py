"""Fixed positions of the pixels of a map: sines and cosines of row and column."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sine_positions(x: Tensor) -> Tensor:
    """Positions of a map's pixels, the same for all images: (B, C, H, W) -> (1, H*W, C), of its type and device.

    The first half of the channels tells the row, the second the column, each as sines and cosines of 10,000^(-2i/C)
    times a turn over the whole side, so that maps of any size share one code. C is a multiple of 4.
    Source: DETR (ECCV 2020), appendix A.4, "normalised".
    """
    channels, height, width = x.shape[1:]
    rate = 10_000.0 ** (-torch.arange(channels // 4, device=x.device) / (channels // 4))  # (C/4,)
    codes = []
    for side in (height, width):
        place = (torch.arange(side, device=x.device) + 1) / side * 2 * math.pi
        angle = place[:, None] * rate  # (side, C/4)
        codes.append(torch.cat([angle.sin(), angle.cos()], dim=1))
    rows = codes[0][:, None].expand(height, width, -1)
    columns = codes[1][None].expand(height, width, -1)
    return torch.cat([rows, columns], dim=2).flatten(0, 1)[None].to(x.dtype)
