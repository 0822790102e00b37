"""SLViT: the words are a branch of every encoder block; cross-scale attention works where the scales disagree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers import recipes
from baselines.layers.language import Language
from baselines.layers.options import require_heads, require_multiple, require_recipe, require_widths
from baselines.layers.param_groups import decay_groups
from baselines.layers.towers import standardise
from baselines.losses import bce_dice, two_class_cross_entropy
from baselines.registry import register
from baselines.slvit.cross_scale import CellEnhancement
from baselines.slvit.hamburger import Hamburger, normed_pointwise
from baselines.slvit.mscan import LanguageMSCAN

# what the official code calls "norm"; layer 1 of a halving is the norm of its patch embedding
_EXEMPT = re.compile(r"encoder\.(blocks\.\d+\.norms|norms|halve\.\d+\.1)\.")


@register
class SLViT(Method):
    """SegNeXt-B with the words in each block, cross-scale attention in 32 cells, and a light factorising decoder.

    Args:
        text: of the frozen encoder; its vocabulary is that of the trained BERT.
        image_size: multiple of 32, at least 64.
        widths, depths, ratios: channels, blocks and widening in the MLPs of the four stages.
        drop_path, layer_scale: of the blocks.
        cell_width, heads, cells: of the cross-scale attention, see `CellEnhancement`.
        decoder: channels before and in the factorisation, and after it.
        rank: of the factorisation.
        bert: width, depth and heads of the BERT.
        language: "bert" trains a BERT on the token ids; "tokens" reads the frozen encoder's tokens instead.
        text_weights: of the BERT: "none", a name on the hub or a folder.
        tokens: tokens read of a prompt; None: all.
        recipe: "common" (`bce_dice`) or "official" (weighted cross entropy; what the official optimiser leaves out
            keeps its first weights: cross-scale attention, the decoder's first layer, and tables and last layers of a
            pretrained BERT).
    """

    card = Card(
        name="slvit",
        title="SLViT",
        year=2023,
        venue="IJCAI",
        link="https://github.com/NaturalKnight/SLViT",
        uses_text=True,
        published="SLViT",
        published_params=131.5,
        deviations=(
            "The published 131.5 M are the layers of the trained BERT (85.1 M), without its tables, and the other "
            "parts that run; 2.5 M of the official code that never run are not built.",
            "The official code ranks cells by sums of a softmax, which are always 1, so that rounding decides which "
            "cells are read again. Here cells are ranked by the highest word weight of each pixel, averaged over the "
            "cell and compared between scales.",
            "The factorisation starts from one random basis, stored with the weights, and its gradient passes through "
            "the last step alone; the official code draws a basis per batch and differentiates all steps.",
            "Encoder and BERT start from scratch; text_weights bert-base-uncased is the paper's. SegNeXt's weights are "
            "not on the hub in a format that transformers can load.",
            "224 x 224 images, the paper has 480 x 480. Size paper reads the first 20 tokens as the paper does; size "
            "tiny reads all, and its layer scales start with 1, not 0.01.",
            "The two classes' logits are returned as their difference, whose sign is the argmax. Learning rate and "
            "decay of the official recipe are LAVT's, on whose code it is built.",
        ),
    )
    sizes = {
        "paper": {"tokens": 20},
        "tiny": {
            "widths": (16, 32, 48, 64),
            "depths": (1, 1, 2, 1),
            "ratios": (4, 4, 4, 4),
            "drop_path": 0.0,
            "layer_scale": 1.0,
            "cell_width": 32,
            "heads": 4,
            "decoder": (64, 32),
            "rank": 16,
            "bert": (48, 2, 2),
        },
    }
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adamw",
        "lr": 5e-5,
        "weight_decay": 0.01,
        **recipes.POLYNOMIAL,
    }

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        widths: Sequence[int] = (64, 128, 320, 512),
        depths: Sequence[int] = (3, 3, 12, 3),
        ratios: Sequence[int] = (8, 8, 4, 4),
        drop_path: float = 0.2,
        layer_scale: float = 0.01,
        cell_width: int = 256,
        heads: int = 8,
        cells: int = 32,
        decoder: Sequence[int] = (512, 256),
        rank: int = 64,
        bert: Sequence[int] = (768, 12, 12),
        language: str = "bert",
        tokens: int | None = None,
        text_weights: str = "none",
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("slvit", image_size, 32, least=64)  # one pixel at 1/32 has no instance norm
        for option, given in (("widths", widths), ("depths", depths), ("ratios", ratios)):
            require_widths("slvit", option, given, 4)
        inside, after = require_widths("slvit", "decoder", decoder, 2)
        require_heads("slvit", cell_width, heads)
        if cells < 1 or rank < 1:
            raise InputError(f"slvit: cells {cells} and rank {rank}: both have to be 1 or more")
        self.official = require_recipe("slvit", recipe)
        self.language = Language("slvit", text, language, bert, text_weights, tokens)
        self.token_limit = self.language.limit
        self.encoder = LanguageMSCAN(widths, depths, ratios, self.language.width, drop_path, layer_scale)
        self.enhance = CellEnhancement(widths, cell_width, heads, cells)
        self.squeeze = nn.Sequential(normed_pointwise(sum(widths), inside), nn.ReLU())
        self.factorise = Hamburger(inside, rank)
        self.align = nn.Sequential(normed_pointwise(inside, after), nn.ReLU())
        self.head = nn.Sequential(nn.Dropout2d(0.1), nn.Conv2d(after, 2, 1))
        if self.official:
            for left_out in (self.enhance, self.squeeze):
                left_out.requires_grad_(False)
            if text_weights != "none":
                self.language.freeze_untrained()

    def encode_image(self, image: Tensor) -> Tensor:
        """The stem's map (B, C, H/4, W/4); from the first block on the words are in it."""
        return self.encoder.stem(standardise(image))

    def decode(self, features: Tensor, text: TextBatch) -> Tensor:
        """Four stages with the words, cross-scale attention, and the decoder at a quarter of the size."""
        maps = self.enhance(*self.encoder(features, *self.language(text)))
        size = maps[0].shape[-2:]
        x = torch.cat([F.interpolate(x, size, mode="bilinear", align_corners=False) for x in maps], dim=1)
        no, yes = self.head(self.align(self.factorise(self.squeeze(x)))).split(1, dim=1)
        return F.interpolate(yes - no, size=self.image_size, mode="bilinear", align_corners=True)

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the cross entropy with class weights 0.9 and 1.1."""
        return (two_class_cross_entropy if self.official else bce_dice)(self(image, text), target)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """Weights decay; the norms of the encoder's blocks and stages do not, as in the official optimiser."""
        return decay_groups(self, lr, weight_decay, _is_exempt)


def _is_exempt(name: str) -> bool:
    return _EXEMPT.match(name) is not None
