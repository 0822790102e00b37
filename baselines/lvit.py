"""LViT: a U-Net beside a U of vision transformers; the text enters at the first level of the transformers."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor, nn

from baselines.contract import Card, TextBatch, TextSpec, augmentation_note
from baselines.layers import recipes
from baselines.layers.lvit_dual import DualU, apply_transposed, conv1d_block
from baselines.layers.options import require_heads, require_multiple, require_recipe, require_tokens
from baselines.layers.prompt_tokens import fixed_tokens
from baselines.losses import balanced_bce_dice
from baselines.registry import register


@register
class LViT(DualU):
    """The dual U of LViT-T, without the parts of its published code that no forward pass reaches.

    The text fills `tokens` slots: longer prompts are cut (see `token_limit`), shorter ones padded with zeros.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 16.
        width: channels at full resolution; 2, 4, 8 and 8 times as many below.
        tokens: token slots; 10 in the paper; None: as many as the longest prompt of the data has.
        heads: of the transformers; divides width.
        dropout: after the patches and in the transformers' MLPs.
        recipe: "common" (`bce_dice`) or "official" (`balanced_bce_dice`).
    """

    card = Card(
        name="lvit",
        title="LViT",
        year=2024,
        venue="IEEE TMI",
        link="https://arxiv.org/abs/2206.14718",
        uses_text=True,
        published="LViT",
        published_params=29.7,
        deviations=(
            "Parts of the published code that are built but never run (10 M) are left out.",
            "Text comes from the benchmark's frozen encoder, including its start and end marks; the paper reads the "
            "first 10 BERT word vectors. Size paper reads 10 tokens; size tiny reads the whole prompt.",
            "The common loss is used by default; recipe official has the official class-balanced one.",
            augmentation_note("flips and rotates"),
        ),
    )
    sizes = {"paper": {"width": 64, "tokens": 10}, "tiny": {"width": 16, "heads": 4}}
    official_recipe: ClassVar[dict[str, Any]] = {**recipes.LVIT, "batch": 24, "patience": 50}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 64,
        tokens: int | None = None,
        heads: int = 8,
        dropout: float = 0.1,
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("lvit", image_size, 16)
        require_heads("lvit", width, heads)
        self.official = require_recipe("lvit", recipe)
        self.token_limit = self.slots = require_tokens("lvit", tokens) or text.length
        scales = [width, 2 * width, 4 * width, 8 * width]
        self.build_cnn(scales)
        widths = [text.dim, *reversed(scales)]
        self.narrow = nn.Sequential(
            *(nn.Conv1d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:], strict=False))
        )  # (B, D, slots) -> (B, width, slots)
        self.inject = conv1d_block(
            self.slots, (image_size // 16) ** 2
        )  # slots are the channels, the width is the length
        self.build_transformers(scales, heads, dropout)

    def decode(self, features: tuple[Tensor, ...], text: TextBatch) -> Tensor:
        """The words are mapped to as many tokens as the image has, added to these, and decoded by both branches."""
        words = apply_transposed(self.narrow, fixed_tokens(text, self.slots))  # (B, slots, width)
        return self.decode_with_words(features, self.inject(words))

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or LViT's own under recipe official."""
        if self.official:
            return balanced_bce_dice(self(image, text), target)
        return super().loss(image, text, target)
