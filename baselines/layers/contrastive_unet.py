"""A ResNet with a U-Net decoder, whose encoder is pretrained by matching images and prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from torch import Tensor

from baselines.contract import ImageMethod, TextBatch
from baselines.errors import InputError
from baselines.layers.options import require_multiple, require_widths
from baselines.layers.resnet import ResNetPyramid
from baselines.layers.skip_decoder import SkipDecoder
from baselines.layers.towers import standardise
from baselines.losses import bce_dice


class ContrastUNet(ImageMethod):
    """Base of ConVIRT and GLoRIA: the mask comes from the image alone; the text only trains the encoder.

    A subclass calls `build_unet` and defines `contrast(maps, text)`, the loss of the pretraining. `statistics` names
    the mean and deviation that its images are normalised by.
    """

    statistics: ClassVar[str] = "imagenet"

    def build_unet(
        self, resnet: str, stem: int, widths: Sequence[int], weights: str, auxiliary: float, **decoder: Any
    ) -> None:
        """Make the layers.

        Args:
            resnet, stem: see `resnet_config`; ignored if weights are given.
            widths: of the decoder, coarsest first.
            weights: of the ResNet.
            auxiliary: weight of the contrastive loss in the training on masks.
            **decoder: further arguments of `SkipDecoder`.
        """
        name = self.card.name
        require_multiple(name, self.image_size, 32)
        if auxiliary < 0:
            raise InputError(f"{name}: auxiliary {auxiliary} is negative; 0 leaves the contrastive loss out")
        self.auxiliary = auxiliary
        self.resnet = ResNetPyramid(resnet, stem, weights, name)
        self.decoder = SkipDecoder(self.resnet.widths, require_widths(name, "widths", widths, 5), **decoder)

    def contrast(self, maps: list[Tensor], text: TextBatch) -> Tensor:
        """Scalar from the ResNet's five maps and the prompts."""
        raise TypeError(f"{type(self).__name__} must define contrast(maps, text)")

    def mask_loss(self, logits: Tensor, target: Tensor) -> Tensor:
        """The common loss; a subclass may have another."""
        return bce_dice(logits, target)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        return self.decoder(self.resnet(standardise(image, self.statistics)))

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The mask loss plus `auxiliary` times the contrastive one."""
        maps = self.resnet(standardise(image, self.statistics))
        loss = self.mask_loss(self.decoder(maps), target)
        return loss + self.auxiliary * self.contrast(maps, text) if self.auxiliary else loss

    def pretrain_loss(self, image: Tensor, text: TextBatch, **_: float) -> Tensor:
        """The contrastive loss. The temperature and softness that a suite may give are C2Seg's and not read."""
        return self.contrast(self.resnet(standardise(image, self.statistics)), text)
