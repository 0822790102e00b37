"""U-Net++: a U-Net with dense convolution blocks in its skips."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, ImageMethod, TextBatch, TextSpec
from baselines.layers.convolution import conv_block
from baselines.layers.options import require_multiple, require_recipe, require_widths
from baselines.losses import bce_batch_dice
from baselines.registry import register


@register
class UNetPP(ImageMethod):
    """UNet++: A Nested U-Net Architecture (DLMIA 2018), without deep supervision.

    Args:
        text: not used.
        image_size: multiple of 2 ** (len(widths) - 1).
        widths: channels at each scale, finest first.
        recipe: "common" (batch norm) or "official" (no norm, dropout of 0.5 after each convolution, and Dice over the
            batch in the loss).
    """

    card = Card(
        name="unetpp",
        title="U-Net++",
        year=2018,
        venue="DLMIA",
        link="https://arxiv.org/abs/1807.10165",
        uses_text=False,
        published="U-Net++",
        published_params=74.5,
        deviations=(
            "Batch norm and no dropout, as in most later versions. The authors' Keras code has dropout of 0.5 after "
            "each convolution and no norm, which recipe official restores; its L2 penalty of 1e-4 is the weight decay. "
            "The paper stops early and gives no number of epochs, so the suite sets it.",
            "Only the last head is trained and read, as by default in the authors' code and in "
            "4uiiurz1/pytorch-nested-unet; the paper's accurate mode averages four heads trained by deep supervision.",
            "36.17 M parameters at widths 64 to 1024: the tables' 74.5 M, about twice as many, could not be traced to "
            "any U-Net++; the authors' own network, half as wide, has 9.04 M.",
        ),
    )
    sizes = {"paper": {"widths": (64, 128, 256, 512, 1024)}, "tiny": {"widths": (8, 16, 32, 64, 96)}}
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adam",
        "lr": 0.0003,
        "weight_decay": 0.0001,
        "schedule": "constant",
    }

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        widths: Sequence[int] = (64, 128, 256, 512, 1024),
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        widths = require_widths("unetpp", "widths", widths)
        self.depth = len(widths) - 1
        require_multiple("unetpp", image_size, 2**self.depth)
        self.official = require_recipe("unetpp", recipe)
        block = _dropout_block if self.official else conv_block
        self.down = nn.ModuleList(block(a, b, b) for a, b in pairwise((3, *widths)))
        # row i, column j: at scale i, reads the j nodes left of it and the node below the last of these
        cells = [(i, j) for j in range(1, self.depth + 1) for i in range(self.depth + 1 - j)]
        self.up = nn.ModuleDict({f"{i}_{j}": nn.ConvTranspose2d(widths[i + 1], widths[i], 2, 2) for i, j in cells})
        self.nested = nn.ModuleDict({f"{i}_{j}": block((j + 1) * widths[i], widths[i], widths[i]) for i, j in cells})
        self.head = nn.Conv2d(widths[0], 1, 1)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W); the text takes no part."""
        rows: list[list[Tensor]] = []
        x = image
        for i, down in enumerate(self.down):
            x = down(F.max_pool2d(x, 2) if i else x)
            rows.append([x])
        for j in range(1, self.depth + 1):
            for i in range(self.depth + 1 - j):
                below = self.up[f"{i}_{j}"](rows[i + 1][-1])
                rows[i].append(self.nested[f"{i}_{j}"](torch.cat([*rows[i], below], dim=1)))
        return self.head(rows[0][-1])

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the official one, whose Dice is over the batch."""
        if self.official:
            return bce_batch_dice(self(image, text), target, smooth=1.0, entropy=0.5)
        return super().loss(image, text, target)


def _dropout_block(*widths: int) -> nn.Sequential:
    """3x3 convolution with He's first weights, ReLU and dropout of 0.5, from each width to the next."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        conv = nn.Conv2d(before, after, 3, padding=1)
        nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
        layers += [conv, nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(*layers)
