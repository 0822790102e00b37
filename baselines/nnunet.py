"""nnU-Net's network for images: a plain U-Net with instance norm, leaky ReLU and strided convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor

from baselines.contract import Card, ImageMethod, TextBatch, TextSpec, augmentation_note
from baselines.errors import InputError
from baselines.layers import recipes
from baselines.layers.options import require_multiple, require_recipe, require_widths
from baselines.losses import bce_batch_dice
from baselines.registry import register


@register
class NNUNet(ImageMethod):
    """nnU-Net (Nature Methods 2021), the 2D configuration, as MONAI's DynUNet.

    Args:
        text: not used.
        image_size: multiple of 2 ** (len(filters) - 1).
        filters: channels of each scale, finest first; three or more.
        recipe: "common" or "official" (cross entropy + Dice over the batch, also of the coarser outputs, weighted 1,
            1/2, 1/4, ...: deep supervision).
    """

    card = Card(
        name="nnunet",
        title="nnUNet",
        year=2021,
        venue="Nature Methods",
        link="https://doi.org/10.1038/s41592-020-01008-z",
        uses_text=False,
        published="nnUNet",
        published_params=19.1,
        deviations=(
            "Only the network is used: nnU-Net's planning, preprocessing, patches and ensembles are not run.",
            "18.66 M parameters, six scales of at most 480 channels (v1's 2D default), against 19.1 M in the tables.",
            "The official loss has a cross entropy over two classes; here it is binary, with one output channel.",
            augmentation_note("rotates, scales and mirrors"),
        ),
    )
    sizes = {
        "paper": {"filters": (32, 64, 128, 256, 480, 480)},
        "tiny": {"filters": (8, 16, 32, 64, 96)},
    }
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "sgd", "lr": 0.01, "weight_decay": 3e-5, "momentum": 0.99, "nesterov": True, "epochs": 1000,
        "epoch_steps": 250, "clip": 12.0, **recipes.POLYNOMIAL,
    }  # fmt: skip

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        filters: Sequence[int] = (32, 64, 128, 256, 480, 480),
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        filters = require_widths("nnunet", "filters", filters)
        scales = len(filters)
        if scales < 3:
            raise InputError(f"nnunet: filters {filters!r}: expected three scales or more")
        require_multiple("nnunet", image_size, 2 ** (scales - 1))
        self.official = require_recipe("nnunet", recipe)
        from monai.networks.nets.dynunet import DynUNet  # importing MONAI takes seconds, and every command reads cards

        self.net = DynUNet(
            spatial_dims=2,
            in_channels=3,
            out_channels=1,
            kernel_size=[3] * scales,
            strides=[1] + [2] * (scales - 1),
            upsample_kernel_size=[2] * (scales - 1),
            filters=list(filters),
            deep_supervision=self.official,
            deep_supr_num=max(1, scales - 3),
        )

        for name in ("input_block", "downsamples", "bottleneck", "upsamples", "deep_supervision_heads"):
            self.net._modules.pop(name, None)  # the same layers again, as skip_layers has them: saved once

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        outputs = self.net(image)
        return outputs[:, 0] if outputs.dim() == 5 else outputs  # deep supervision stacks the outputs, the finest first

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """Common: of the mask. Official: of every output, the coarser ones against an equally coarse target."""
        if not self.official:
            return super().loss(image, text, target)
        outputs = self.net(image).unbind(dim=1)
        weights = [0.5**k for k in range(len(outputs))]
        losses = [bce_batch_dice(output, _coarser(target, k)) for k, output in enumerate(outputs)]
        return sum(w * part for w, part in zip(weights, losses, strict=True)) / sum(weights)  # type: ignore[return-value]


def _coarser(target: Tensor, times: int) -> Tensor:
    """The target at 1 / 2 ** times, each pixel the one nearest to its middle, enlarged as DynUNet's outputs are."""
    small = F.interpolate(target, scale_factor=0.5**times, mode="nearest-exact")
    return F.interpolate(small, size=target.shape[-2:], mode="nearest")
