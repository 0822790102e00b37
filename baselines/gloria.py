"""GLoRIA: a ResNet pretrained by matching images with reports and regions with words, and a U-Net's decoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, TextBatch, TextSpec, augmentation_note
from baselines.layers.contrastive_losses import cosines, matching, word_similarity
from baselines.layers.contrastive_unet import ContrastUNet
from baselines.layers.options import require_recipe, require_whole
from baselines.registry import register

SCALE = 10.0  # of both similarities (temp3 of the official code)


@register
class GLoRIA(ContrastUNet):
    """Global and local representations for images using attention.

    Args:
        text: of the frozen encoder.
        image_size: multiple of 32.
        resnet, stem, widths, weights, auxiliary: see `ContrastUNet.build_unet`.
        joint: width of the space that words and regions share.
        recipe: "common" or "official" (10 times the focal loss minus the logarithm of Dice over the batch; the decoder
            repeats pixels where the common one interpolates, and ends in a 3x3 convolution).
    """

    card = Card(
        name="gloria",
        title="GLoRIA",
        year=2021,
        venue="ICCV",
        link="https://openaccess.thecvf.com/content/ICCV2021/html/Huang_GLoRIA_A_Multimodal_Global-Local_"
        "Representation_Learning_Framework_for_Label-Efficient_Medical_ICCV_2021_paper.html",
        uses_text=False,
        published="GLoRIA",
        published_params=45.6,
        deviations=(
            "The mask depends on the image alone, as in the official code. The text trains the encoder in the "
            "pretraining, or together with the masks if option auxiliary is above 0. The tables list the method with "
            "those that use text.",
            "The U-Net decoder with channels 512 to 32 is ours: 43.9 M, and 45.5 M with the pretraining's global "
            "projection of the image, which matches the published 45.6 M. The official decoder has half the channels "
            "(option widths); its other differences belong to recipe official.",
            "The text tower is the benchmark's frozen encoder, with one linear layer for words and one for the prompt; "
            "the paper trains a BioClinicalBERT and joins word pieces. Start and end marks count as words.",
            "Images keep their size in the pretraining; the official code enlarges them to 299.",
            "The official plateau schedules watch the validation loss; here the training watches the validation Dice, "
            "and the pretraining its own loss. The official training looks at every third epoch and tolerates five "
            "looks without improvement, which are 17 epochs here.",
            "The suite sets the length of the pretraining; the official one ends after 50 epochs at most.",
            "The ResNet-50 starts from scratch unless weights are given: microsoft/resnet-50 has ImageNet's.",
            augmentation_note("shifts, scales, rotates and crops"),
        ),
        pretrains=True,
    )
    statistics = "half"
    sizes = {"paper": {}, "tiny": {"resnet": "18", "stem": 16, "widths": (96, 48, 32, 16, 16), "joint": 48}}
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adam",
        "lr": 0.0005,
        "betas": (0.5, 0.999),
        "schedule": "plateau",
        "plateau": 17,
        "factor": 0.5,
        "weight_decay": 1e-06,
        "batch": 8,
        "epochs": 100,
        "patience": 20,
    }
    official_pretraining: ClassVar[dict[str, Any]] = {
        "lr": 5e-05,
        "betas": (0.5, 0.999),
        "schedule": "plateau",
        "factor": 0.5,
        "weight_decay": 1e-06,
        "batch": 48,
        "clip": 0.25,
    }

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        resnet: str = "50",
        stem: int = 64,
        widths: Sequence[int] = (512, 256, 128, 64, 32),
        joint: int = 768,
        weights: str = "none",
        auxiliary: float = 0.0,
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        self.official = require_recipe("gloria", recipe)
        require_whole("gloria", "joint", joint)
        decoder = {"enlarge": "nearest", "head": 3} if self.official else {}
        self.build_unet(resnet, stem, widths, weights, auxiliary, **decoder)
        *_, regions, whole = self.resnet.widths
        self.project_image, self.project_regions = nn.Linear(whole, joint), nn.Conv2d(regions, joint, 1, bias=False)
        self.project_text, self.project_words = nn.Linear(text.dim, joint), nn.Linear(text.dim, joint)

    def contrast(self, maps: list[Tensor], text: TextBatch) -> Tensor:
        """The global loss between images and prompts, and the local one between regions and words."""
        images = self.project_image(maps[-1].mean((2, 3)))
        loss = 2 * matching(SCALE * cosines(images, self.project_text(text.pooled)))
        regions = self.project_regions(maps[-2]).flatten(2).transpose(1, 2)  # (B, M, joint)
        local = SCALE * word_similarity(regions, self.project_words(text.tokens), text.mask)
        return loss + 2 * matching(local, taking_part=text.mask.any(1))  # an empty prompt has no word to match

    def mask_loss(self, logits: Tensor, target: Tensor) -> Tensor:
        """The common loss, or the official code's."""
        return focal_log_dice(logits, target) if self.official else super().mask_loss(logits, target)


def focal_log_dice(logits: Tensor, target: Tensor, focal: float = 10.0, smooth: float = 1.0) -> Tensor:
    """`focal` times the focal loss with gamma 2, minus the logarithm of soft Dice over all pixels of the batch.

    Source: the code of GLoRIA (ICCV 2021).

    Args:
        logits: (B, 1, H, W) float, before the sigmoid.
        target: (B, 1, H, W) float, 0 or 1.
        focal: weight of the focal loss.
        smooth: added to both parts of the Dice.

    Returns:
        Scalar float32, in [0, inf).
    """
    logits, target = logits.float(), target.float()
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    p = logits.sigmoid()
    wrong = (p - target).abs()
    dice = (2 * (p * target).sum() + smooth) / (p.sum() + target.sum() + smooth)
    return focal * (wrong**2 * entropy).mean() - dice.log()
