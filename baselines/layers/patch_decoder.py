"""A decoder from a coarse map of patch tokens to a mask, without skips."""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from baselines.errors import InputError
from baselines.layers.convolution import conv_block


class GrowDecoder(nn.Module):
    """Enlarge twofold and convolve twice, with half the channels at each step, until a patch is a pixel.

    Args:
        method: name, for the message.
        width: channels of the coarse map.
        patch: side of a patch in pixels, a power of two.
    """

    def __init__(self, method: str, width: int, patch: int):
        super().__init__()
        steps = patch.bit_length() - 1
        if patch != 2**steps or width % patch:
            raise InputError(f"{method}: patch {patch} and width {width}: expected a power of two and a multiple of it")
        widths = [width // 2**i for i in range(steps + 1)]
        self.steps = nn.ModuleList(conv_block(a, b, b) for a, b in pairwise(widths))
        self.head = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, h, w) -> logits (B, 1, patch * h, patch * w)."""
        for step in self.steps:
            x = step(F.interpolate(x, scale_factor=2, mode="bilinear"))
        return self.head(x)
