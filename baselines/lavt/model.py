"""LAVT: a Swin transformer whose stages attend to the words, and a plain convolutional decoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.lavt.pixel_word_attention import LanguageGate, PixelWordAttention
from baselines.layers import recipes
from baselines.layers.convolution import conv_block
from baselines.layers.language import Language
from baselines.layers.maps import resize_aligned, to_map
from baselines.layers.options import require_multiple, require_recipe, require_widths
from baselines.layers.param_groups import decay_groups
from baselines.layers.swin import SwinStages, load_swin
from baselines.layers.towers import standardise
from baselines.losses import two_class_cross_entropy
from baselines.registry import register


@register
class LAVT(Method):
    """Language-aware vision transformer: PWAM and a language gate after each stage of a Swin.

    Args:
        text: of the frozen encoder; its vocabulary is that of the trained BERT.
        image_size: multiple of 32, at least 64.
        width, depths, heads, window, drop_path: of the Swin, see `swin_config`; ignored if `weights` are given.
        bert: width, depth and heads of the BERT; ignored if `text_weights` are given.
        language: "bert" trains a BERT on the token ids; "tokens" reads the frozen encoder's tokens instead.
        weights, text_weights: of Swin and BERT: "none", a name on the hub or a folder.
        recipe: "common" or "official" (weighted cross entropy; BERT without dropout, and of a pretrained one
            only layers 0 to 9 are trained).
    """

    card = Card(
        name="lavt",
        title="LAVT",
        year=2022,
        venue="CVPR",
        link="https://arxiv.org/abs/2112.02244",
        uses_text=True,
        published="LAVT",
        published_params=118.6,
        deviations=(
            "The published 118.6 M leave the trained BERT out (109 M more); so does option language=tokens.",
            "All tokens of a prompt are read; the official loader cuts prompts at 20.",
            "The gate after the last stage (2.1 M) is left out: its result is not used in the official code.",
            "Swin and BERT start from scratch unless weights are given: swin-base-patch4-window7-224-in22k and "
            "bert-base-uncased are the paper's.",
            "Stochastic depth skips attention only, as in transformers; the paper's also skips the MLPs.",
            "The two classes' logits are returned as their difference, whose sign is the argmax.",
            "224 x 224 images with windows of 7; the paper has 480 x 480 and windows of 12.",
        ),
    )
    sizes = {
        "paper": {},
        "tiny": {
            "width": 24,
            "depths": (1, 1, 2, 1),
            "heads": (1, 2, 4, 8),
            "window": 4,
            "drop_path": 0.0,
            "bert": (48, 2, 2),
        },
    }
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adamw", "lr": 5e-5, "weight_decay": 0.01, "batch": 32, "epochs": 40, **recipes.POLYNOMIAL,
    }  # fmt: skip
    # submodules that the published count leaves out: the official code keeps BERT beside the model
    uncounted: ClassVar[tuple[str, ...]] = ("language",)

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 128,
        depths: Sequence[int] = (2, 2, 18, 2),
        heads: Sequence[int] = (4, 8, 16, 32),
        window: int = 7,
        drop_path: float = 0.3,
        bert: Sequence[int] = (768, 12, 12),
        language: str = "bert",
        weights: str = "none",
        text_weights: str = "none",
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("lavt", image_size, 32, least=64)  # one pixel at 1/32 has no instance norm
        self.official = require_recipe("lavt", recipe)
        depths, heads = require_widths("lavt", "depths", depths, 4), require_widths("lavt", "heads", heads, 4)
        tower = load_swin("lavt", width, depths, heads, window, drop_path, image_size, weights)
        self.swin = SwinStages(tower, shift_one_window=True)
        self.language = Language("lavt", text, language, bert, text_weights, None, dropout=not self.official)
        self.token_limit = self.language.limit
        if self.official and text_weights != "none":
            self.language.freeze_untrained()
        widths = self.swin.widths
        self.attend = nn.ModuleList(PixelWordAttention(c, self.language.width) for c in widths)
        self.gate = nn.ModuleList(LanguageGate(c) for c in widths[:-1])
        self.norm = nn.ModuleList(nn.LayerNorm(c) for c in widths)
        hidden = widths[-1] // 2
        before = [widths[-1], hidden, hidden]
        self.up = nn.ModuleList(conv_block(b + c, hidden, hidden) for b, c in zip(before, widths[-2::-1], strict=True))
        self.head = nn.Conv2d(hidden, 2, 1)

    def encode_image(self, image: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Tokens (B, P, C) of the first stage, before they meet the words, and their grid."""
        tokens, size = self.swin.embed(standardise(image))
        return self.swin.stage(0, tokens, size), size

    def decode(self, features: tuple[Tensor, tuple[int, int]], text: TextBatch) -> Tensor:
        """Words join the tokens of each stage; the results are decoded from the coarsest to the finest."""
        tokens, size = features
        words, mask = self.language(text)
        attended = self.attend[0](tokens, words, mask)
        maps = [to_map(self.norm[0](attended), *size)]
        for i, gate in enumerate(self.gate, start=1):
            tokens, size = self.swin.halve(i - 1, gate(tokens, attended), size)
            tokens = self.swin.stage(i, tokens, size)
            attended = self.attend[i](tokens, words, mask)
            maps.append(to_map(self.norm[i](attended), *size))
        x = maps.pop()
        for up in self.up:
            skip = maps.pop()
            x = up(torch.cat([resize_aligned(x, skip.shape[-2:]), skip], dim=1))
        no, yes = self.head(x).split(1, dim=1)
        return resize_aligned(yes - no, (4 * x.shape[-2], 4 * x.shape[-1]))

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the cross entropy with class weights 0.9 and 1.1."""
        if self.official:
            return two_class_cross_entropy(self(image, text), target)
        return super().loss(image, text, target)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """Weights decay; the image's norms and position tables do not, as in the official optimiser."""
        return decay_groups(self, lr, weight_decay, _is_exempt)


def _is_exempt(name: str) -> bool:
    return name.startswith("norm.") or name.startswith("swin.") and ("norm" in name or "position_bias" in name)
