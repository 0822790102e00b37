"""U-Net: the image alone, at five scales, with skips."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from baselines.contract import Card, ImageMethod, TextSpec, augmentation_note
from baselines.layers.convolution import conv_block
from baselines.layers.options import require_multiple, require_widths
from baselines.registry import register


@register
class UNet(ImageMethod):
    """The classic U-Net in its usual form: padded convolutions, batch norm, transposed convolutions for upsampling.

    Args:
        text: not used.
        image_size: multiple of 2 ** (len(widths) - 1).
        widths: channels at each scale, finest first.
    """

    card = Card(
        name="unet",
        title="U-Net",
        year=2015,
        venue="MICCAI",
        link="https://arxiv.org/abs/1505.04597",
        uses_text=False,
        published="U-Net",
        published_params=31.4,
        deviations=(
            "Padded convolutions and batch norm, as is usual today; the paper crops and does not normalise. Its code "
            "is a fork of Caffe, so outputs are compared with milesial/Pytorch-UNet instead.",
            "There is no recipe official: the paper does not state its learning rate and number of steps, and its loss "
            "weights the borders between touching cells.",
            augmentation_note("shifts, rotates and deforms"),
            "31.04 M parameters against 31.4 M in the tables, which do not say which U-Net was run; its scores come "
            "from LViT's tables, whose own U-Net has 14.75 M.",
        ),
    )
    sizes = {"paper": {"widths": (64, 128, 256, 512, 1024)}, "tiny": {"widths": (8, 16, 64, 96, 128)}}

    def __init__(self, text: TextSpec, image_size: int, widths: Sequence[int] = (64, 128, 256, 512, 1024)):
        super().__init__(text, image_size)
        widths = require_widths("unet", "widths", widths)
        require_multiple("unet", image_size, 2 ** (len(widths) - 1))
        pairs = list(zip(widths, widths[1:], strict=False))
        self.stem = conv_block(3, widths[0], widths[0])
        self.down = nn.ModuleList(nn.Sequential(nn.MaxPool2d(2), conv_block(a, b, b)) for a, b in pairs)
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in reversed(pairs))
        self.join = nn.ModuleList(conv_block(2 * a, a, a) for a, _ in reversed(pairs))
        self.head = nn.Conv2d(widths[0], 1, 1)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        x = self.stem(image)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        for up, join in zip(self.up, self.join, strict=True):
            x = join(torch.cat([skips.pop(), up(x)], dim=1))
        return self.head(x)
