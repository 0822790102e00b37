"""Fixed positions: sines and cosines of a pixel's row and column, or of a word's place in the prompt."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sine_positions(x: Tensor) -> Tensor:
    """Positions of a map's pixels, the same for all images: (B, C, H, W) -> (1, H*W, C), of its type and device.

    The first half of the channels encodes the row, the second the column, each as sines and cosines in turn of
    10,000^(-4i/C) times a turn over the whole side, so that maps of any size share one code. C is a multiple of 4.
    Source: DETR (ECCV 2020), appendix A.4, "normalised", at the middle of the pixel.
    """
    channels, height, width = x.shape[1:]
    rows, columns = (
        _code((torch.arange(side, device=x.device) + 0.5) / side, channels // 2) for side in (height, width)
    )
    grid = [rows[:, None].expand(-1, width, -1), columns[None].expand(height, -1, -1)]
    return torch.cat(grid, dim=2).flatten(0, 1)[None].to(x.dtype)


def word_positions(words: Tensor, longest: int) -> Tensor:
    """Positions of words in a prompt of at most `longest`: (B, N, C) -> (1, N, C), the same however many pads follow.

    As `sine_positions`, with a turn over the longest prompt and 10,000^(-2i/C). C is even.
    """
    place = (torch.arange(words.shape[1], device=words.device) + 1) / longest
    return _code(place, words.shape[2])[None].to(words.dtype)


def _code(place: Tensor, channels: int) -> Tensor:
    """Places (S,) in parts of a turn -> (S, channels), sines and cosines in turn, from fast to slow."""
    half = channels // 2
    rate = 10_000.0 ** (-torch.arange(half, device=place.device) / half)
    angle = place[:, None] * 2 * math.pi * rate  # (S, channels/2)
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)
