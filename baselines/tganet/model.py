"""TGANet: a ResNet whose guesses of number and size weigh five words, and a decoder that these words steer."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec, augmentation_note
from baselines.layers.options import require_multiple, require_recipe, require_whole
from baselines.layers.prompt_tokens import readable
from baselines.layers.resnet import ResNetPyramid
from baselines.losses import bce_batch_dice
from baselines.registry import register
from baselines.tganet.feature_blocks import Aggregate, Enhance, LabelAttention, StepUp, enlarged
from baselines.tganet.mask_attributes import attributes

WORDS = ("one", "multiple", "small", "medium", "large")


@register
class TGANet(Method):
    """Text-guided attention: the five words' slots, filled from the prompt, times the probability of each word.

    Args:
        text: of the frozen encoder.
        image_size: multiple of 16.
        resnet, stem: kind of ResNet and channels of its stem, see `resnet_config`; ignored if weights are given.
        width: channels of the decoder.
        slot: width of a word's vector.
        weights: of the ResNet: "none", a name on the hub or a folder.
        recipe: "common" or "official" (BCE + Dice over the batch + cross entropies of number and size).
    """

    card = Card(
        name="tganet",
        title="TGANet",
        year=2022,
        venue="MICCAI",
        link="https://arxiv.org/abs/2205.04280",
        uses_text=True,
        published="TGANet",
        published_params=19.8,
        deviations=(
            "The paper uses the same five word vectors (one, multiple, small, medium, large) for all images and "
            "reads no report; the tables do not say how it was given one. Here each word is a learned query that adds "
            "the information it finds in the prompt's tokens to its own vector.",
            "The word vectors are learned; the paper's BPEmb vectors are not available offline.",
            "One linear layer on the tokens is added (0.15 M with CLIP's).",
            "The ResNet-50 starts from scratch unless weights are given: microsoft/resnet-50 has ImageNet's.",
            "The official plateau schedule watches the validation loss, ours the validation Dice.",
            "The number and size of the findings are learned from the mask only under the official recipe; empty masks "
            "have neither.",
            augmentation_note("rotates, flips and cuts holes into"),
        ),
    )
    sizes = {"paper": {}, "tiny": {"resnet": "18", "stem": 16, "width": 24, "slot": 32}}
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adam",
        "lr": 0.0001,
        "schedule": "plateau",
        "plateau": 5,
        "factor": 0.1,
        "min_lr": 0.0,
        "weight_decay": 0.0,
        "batch": 16,
        "epochs": 500,
        "patience": 50,
    }

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        resnet: str = "50",
        stem: int = 64,
        width: int = 128,
        slot: int = 300,
        weights: str = "none",
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("tganet", image_size, 16)
        self.official = require_recipe("tganet", recipe)
        for name, given in (("width", width), ("slot", slot)):
            require_whole("tganet", name, given)
        self.resnet = ResNetPyramid(resnet, stem, weights, "tganet", stages=3)
        widths, top = self.resnet.widths, self.resnet.widths[-1]
        self.enhance = nn.ModuleList(Enhance(c, width) for c in widths)
        self.number, self.size = (_guess(top, width, classes) for classes in (2, 3))
        self.words = nn.Parameter(0.3 * torch.randn(len(WORDS), slot))
        self.read = nn.Linear(text.dim, slot)
        layers = nn.Conv2d(len(WORDS) * slot, width, 1, bias=False), nn.Conv2d(width, width, 1, bias=False)
        self.label = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU())
        self.up = nn.ModuleList(StepUp(width) for _ in widths[1:])
        self.guide = nn.ModuleList(LabelAttention(width) for _ in widths[1:])
        self.gather = Aggregate(width)
        self.head = nn.Conv2d(width, 1, 1)

    def encode_image(self, image: Tensor) -> tuple[Tensor, ...]:
        """Four enhanced maps at 1/2 to 1/16, and the logits of number (B, 2) and size (B, 3)."""
        maps = self.resnet(image)
        mean = maps[-1].mean((2, 3))
        return *(enhance(x) for enhance, x in zip(self.enhance, maps, strict=True)), self.number(mean), self.size(mean)

    def slots(self, text: TextBatch) -> Tensor:
        """(B, 5, slot): each word, plus its attention to the prompt."""
        words = readable(text)
        tokens = self.read(words.tokens)  # (B, N, slot)
        query = self.words.expand(len(tokens), -1, -1)
        return query + F.scaled_dot_product_attention(query, tokens, tokens, words.mask[:, None])

    def decode(self, features: tuple[Tensor, ...], text: TextBatch) -> Tensor:
        """The words, weighted by the predicted labels, scale the channels at each decoder step."""
        *skips, number, size = features
        weights = torch.cat([number.softmax(1), size.softmax(1)], dim=1)  # (B, 5)
        label = self.label((self.slots(text) * weights.unsqueeze(-1)).flatten(1)[..., None, None])
        x, maps = skips.pop(), []
        for up, guide in zip(self.up, self.guide, strict=True):
            x, attended = guide(up(x, skips.pop()), label)
            label = label + attended
            maps.append(x)
        return self.head(enlarged(self.gather(maps), 2))

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the paper's."""
        if not self.official:
            return super().loss(image, text, target)
        features = self.encode_image(image)
        labels = zip(features[-2:], attributes(target), strict=True)
        return bce_batch_dice(self.decode(features, text), target, smooth=1.0) + sum(
            guess_loss(*pair) for pair in labels
        )


def _guess(before: int, width: int, classes: int) -> nn.Sequential:
    layers = nn.Linear(before, width, bias=False), nn.Linear(width, classes, bias=False)
    return nn.Sequential(layers[0], nn.ReLU(), layers[1])


def guess_loss(logits: Tensor, label: Tensor) -> Tensor:
    """Cross entropy of probabilities taken for logits, as in the official code; 0 if no mask has a label."""
    entropy = F.cross_entropy(logits.float().softmax(1), label, reduction="sum", ignore_index=-100)
    return entropy / (label >= 0).sum().clamp_min(1)
