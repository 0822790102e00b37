"""ConVIRT: a ResNet pretrained by matching images and reports, with a U-Net's decoder for the masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.contract import Card, TextBatch, TextSpec
from baselines.layers.contrastive_losses import cosines, matching
from baselines.layers.contrastive_unet import ContrastUNet
from baselines.layers.options import require_positive, require_share, require_whole
from baselines.registry import register


@register
class ConVIRT(ContrastUNet):
    """Contrastive learning of visual representations from text.

    Args:
        text: of the frozen encoder.
        image_size: multiple of 32.
        resnet, stem, widths, weights, auxiliary: see `ContrastUNet.build_unet`.
        hidden, joint: widths of both projections.
        tau: temperature.
        forward_weight: of image to text; text to image has the rest.
    """

    card = Card(
        name="convirt",
        title="ConVIRT",
        year=2022,
        venue="MLHC",
        link="https://arxiv.org/abs/2010.00747",
        uses_text=False,
        published="ConViRT",
        published_params=35.2,
        deviations=(
            "The mask depends on the image alone. The text trains the encoder in the pretraining, or together with "
            "the masks if option auxiliary is above 0. The tables list the method with those that use text.",
            "No code of the pretraining is public; it follows section 3 of the paper.",
            "No paper says how ConVIRT was extended to masks. The U-Net decoder with channels 256 to 16 is ours: 32.5 "
            "M, and 35.1 M with the pretraining's projection of the image, which matches the published 35.2 M.",
            "The text tower is the benchmark's frozen encoder, and the maximum over its tokens is projected; the paper "
            "trains half of a ClinicalBERT and draws one sentence of a long report.",
            "The ResNet-50 starts from scratch unless weights are given: microsoft/resnet-50 has ImageNet's.",
            "No crops and flips in the pretraining: they change the meaning of left and upper.",
        ),
        pretrains=True,
    )
    sizes = {
        "paper": {},
        "tiny": {"resnet": "18", "stem": 16, "widths": (64, 48, 32, 16, 16), "hidden": 64, "joint": 48},
    }
    official_pretraining: ClassVar[dict[str, Any]] = {
        "lr": 1e-4,
        "schedule": "plateau",
        "factor": 0.5,
        "weight_decay": 1e-6,
        "batch": 32,
    }

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        resnet: str = "50",
        stem: int = 64,
        widths: Sequence[int] = (256, 128, 64, 32, 16),
        hidden: int = 1024,
        joint: int = 512,
        tau: float = 0.1,
        forward_weight: float = 0.75,
        weights: str = "none",
        auxiliary: float = 0.0,
    ):
        super().__init__(text, image_size)
        for name, size in (("hidden", hidden), ("joint", joint)):
            require_whole("convirt", name, size)
        self.tau = require_positive("convirt", "tau", tau)
        self.forward_weight = require_share("convirt", "forward_weight", forward_weight)
        self.build_unet(resnet, stem, widths, weights, auxiliary)
        self.project_image = _project(self.resnet.widths[-1], hidden, joint)
        self.project_text = _project(text.dim, hidden, joint)

    def contrast(self, maps: list[Tensor], text: TextBatch) -> Tensor:
        """Cross entropies of the right pair among the batch (equations 2 to 4)."""
        lowest = torch.finfo(text.tokens.dtype).min
        top = text.tokens.masked_fill(~text.mask.unsqueeze(-1), lowest).amax(1)  # (B, D)
        top = top.masked_fill(~text.mask.any(1, keepdim=True), 0.0)
        images, texts = self.project_image(maps[-1].mean((2, 3))), self.project_text(top)
        return matching(cosines(images, texts) / self.tau, self.forward_weight)


def _project(before: int, hidden: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(before, hidden), nn.ReLU(), nn.Linear(hidden, after))
