"""U-Net++: a U-Net whose skips are themselves filled with convolutions, dense from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monai.networks.nets.basic_unetplusplus import BasicUNetPlusPlus
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers.options import require_multiple
from baselines.registry import register


@register
class UNetPP(Method):
    """UNet++: A Nested U-Net Architecture (DLMIA 2018), MONAI's network; without deep supervision the last head alone.

    Args:
        text: not used.
        image_size: multiple of 16.
        features: channels of the five scales, finest first, and of the last block.
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
            "MONAI's BasicUNetPlusPlus with batch norm; its final output is trained, no deep supervision.",
            "Of MONAI's defaults remain the leaky ReLU (0.1), where the paper has a ReLU, and transposed convolutions "
            "for the steps up.",
            "36.45 M parameters: the tables' 74.5 M, about twice as many, could not be traced to any U-Net++; the "
            "paper's own, half as wide, has 9.04 M.",
        ),
    )
    sizes = {
        "paper": {"features": (64, 128, 256, 512, 1024, 64)},
        "tiny": {"features": (8, 16, 32, 64, 96, 8)},
    }

    def __init__(self, text: TextSpec, image_size: int, features: Sequence[int] = (64, 128, 256, 512, 1024, 64)):
        super().__init__(text, image_size)
        if len(features) != 6 or any(not isinstance(n, int) or n < 1 for n in features):
            raise InputError(f"unetpp: features {list(features)}: expected six positive whole numbers")
        require_multiple("unetpp", image_size, 16)
        self.net = BasicUNetPlusPlus(
            spatial_dims=2, in_channels=3, out_channels=1, features=tuple(features), norm=("batch", {"affine": True})
        )

        for name in ("final_conv_0_1", "final_conv_0_2", "final_conv_0_3"):
            setattr(self.net, name, nn.Identity())  # heads of the deep supervision, whose outputs nobody reads

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        return self.net(image)[-1]

    def decode(self, features: Any, text: TextBatch) -> Tensor:
        """The logits as they are."""
        return features
