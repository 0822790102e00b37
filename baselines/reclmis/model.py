"""RecLMIS: LViT's U-Net whose deepest map attends to the words, trained to rebuild hidden parts of both."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.contract import Card, TextBatch, TextSpec, augmentation_note
from baselines.layers import recipes
from baselines.layers.lvit_cnn import ConvU
from baselines.layers.lvit_dual import apply_transposed, conv1d_block
from baselines.layers.maps import to_map, to_tokens
from baselines.layers.options import require_choice, require_heads, require_multiple, require_recipe, require_tokens
from baselines.layers.prompt_tokens import readable
from baselines.losses import bce_dice, bce_squared_dice
from baselines.reclmis.reconstruction import Importance, Reconstructor, conditioned_contrast, hide, squared_error
from baselines.registry import register

HIDE_WORDS, HIDE_PIXELS = 0.3, 0.5
LOGIT_SCALE = 100.0  # CLIP's, after its training
HEADS = 4


@register
class RecLMIS(ConvU):
    """Words attend to the 1/16 map, the map attends to those words, and the result replaces the map.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 16.
        width: channels at full resolution; 2, 4, 8 and 8 times as many below; 8 * width is a multiple of 4.
        tokens: tokens read of a prompt; 18 in the paper; None: all.
        dropout: on positions and attention.
        recipe: "common" (`bce_dice`) or "official" (half BCE and half Dice, reconstruction, conditioned contrast).
        attend_to: what pixels attend to: "attended", the words after they have attended to the pixels, or "words".
        depth: layers of each transformer of the two reconstructors; recipe official only.
    """

    card = Card(
        name="reclmis",
        title="RecLMIS",
        year=2025,
        venue="IEEE TMI",
        link="https://github.com/ShawnHuang497/RecLMIS",
        uses_text=True,
        published="RecLMIS",
        published_params=23.7,
        deviations=(
            "No count of the official code matches the published 23.7 M: 69.44 M are trained, 18.4 M without the "
            "training-only parts (18.1 M here), and the counting tool sees 15.9 M.",
            "Text comes from the benchmark's frozen encoder; the paper's is CLIP ViT-B/32. Size paper reads the first "
            "18 tokens as the paper does; size tiny reads all.",
            "Reconstruction and contrast exist only under recipe official, together with the last convolution over "
            "words (0.8 M), which has no other use. The reconstructors' cross-attention, which never runs in the "
            "official code, is left out (8 M).",
            "In the official code pixels attend to words that have already been mixed with pixels, which lets little "
            "of the text through. Size paper keeps that; in size tiny pixels attend to the words themselves (option "
            "attend_to).",
            "Padding is masked everywhere; the official code attends to it, reconstructs it and gives it a share of "
            "the contrast's weights. As in that code, the features before the mutual attention are hidden and matched, "
            "weighted by those after it, but the softmax of the weights runs over real tokens alone.",
            "Half of the pixels are hidden, as for QaTa; for MosMedData+ the official code hides 0.3 and drops half of "
            "the features that the weights are computed from. Its reconstructors have dropout after attention and "
            "MLPs, ours also inside them.",
            "The official code switches its extra losses off after any exception; here they stay on.",
            augmentation_note("flips and rotates"),
        ),
    )
    sizes = {"paper": {"width": 64, "tokens": 18}, "tiny": {"width": 12, "depth": 1, "attend_to": "words"}}
    official_recipe: ClassVar[dict[str, Any]] = {**recipes.LVIT, "batch": 32, "patience": 100}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 64,
        tokens: int | None = None,
        dropout: float = 0.1,
        recipe: str = "common",
        attend_to: str = "attended",
        depth: int = 4,
    ):
        super().__init__(text, image_size)
        require_multiple("reclmis", image_size, 16)
        deep = 8 * width
        require_heads("reclmis", deep, HEADS)
        self.official = require_recipe("reclmis", recipe)
        self.mixed = require_choice("reclmis", "attend_to", attend_to, ("attended", "words")) == "attended"
        self.token_limit = require_tokens("reclmis", tokens)
        self.build_cnn([width, 2 * width, 4 * width, 8 * width])
        self.read = nn.Conv1d(text.dim, deep, 3, padding=1)
        self.cut = nn.Conv2d(deep, deep, 1)
        self.position = nn.Parameter(torch.zeros(1, (image_size // 16) ** 2, deep))
        self.dropout = nn.Dropout(dropout)
        if self.mixed or self.official:  # else nothing reads what the words see
            self.words_look = nn.MultiheadAttention(deep, HEADS, dropout, batch_first=True)
        self.pixels_look = nn.MultiheadAttention(deep, HEADS, dropout, batch_first=True)
        if self.official:
            self.refine = conv1d_block(deep, deep)
            self.weigh_pixels, self.weigh_words = Importance(deep), Importance(deep)
            self.rebuild_pixels = Reconstructor(deep, deep, HEADS, depth, 2 * deep)
            self.rebuild_words = Reconstructor(deep, text.dim, HEADS, depth, 2 * deep)

    def encode_image(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> five maps of the encoder."""
        return self.encode_scales(image)

    def plain_words(self, text: TextBatch) -> Tensor:
        """The words (B, N, 8W), before they have seen the image."""
        return apply_transposed(self.read, text.tokens) * text.mask.unsqueeze(-1)

    def interact(self, deepest: Tensor, plain: Tensor, text: TextBatch) -> tuple[Tensor, Tensor]:
        """The 1/16 map (B, 8W, h, w) and the plain words -> tokens of the image (B, P, 8W) and words (B, N, 8W)."""
        pixels = self.dropout(to_tokens(self.cut(deepest)) + self.position)
        attended = plain
        if self.mixed or self.official:
            attended = self.words_look(plain, pixels, pixels, need_weights=False)[0]
        words = attended if self.mixed else plain
        pixels = self.pixels_look(pixels, words, words, key_padding_mask=~text.mask, need_weights=False)[0]
        return pixels, attended * text.mask.unsqueeze(-1)

    def decode_scales(self, maps: list[Tensor], pixels: Tensor) -> Tensor:
        """Logits (B, 1, H, W) from the encoder's maps and the tokens that replace the deepest."""
        *skips, deepest = maps
        x = to_map(pixels, *deepest.shape[-2:])
        for i in (3, 2, 1, 0):
            x = self.decoder_step(i, skips[i], x)
        return self.head(x)

    def decode(self, features: list[Tensor], text: TextBatch) -> Tensor:
        """Words and the deepest map attend to each other, and the U-Net decodes."""
        text = readable(text, self.token_limit)
        pixels, _ = self.interact(features[-1], self.plain_words(text), text)
        return self.decode_scales(features, pixels)

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss; or 5 times half BCE and half Dice + reconstruction + 0.2 times the contrast."""
        maps, text = self.encode_image(image), readable(text, self.token_limit)
        plain = self.plain_words(text)
        pixels, words = self.interact(maps[-1], plain, text)
        logits = self.decode_scales(maps, pixels)
        if not self.official:
            return bce_dice(logits, target)
        extra = self.conditioned_losses((to_tokens(maps[-1]), pixels), (plain, words), text)
        return 5 * bce_squared_dice(logits, target) + extra

    def conditioned_losses(
        self, pixels: tuple[Tensor, Tensor], words: tuple[Tensor, Tensor], text: TextBatch
    ) -> Tensor:
        """Reconstruction of words and pixels, and the contrast between them: scalar float32.

        Args:
            pixels, words: (B, P, 8W) and (B, N, 8W), each before and after the two attend to each other. The
                ones before are hidden and matched, the ones after say how important each is; rebuilt are the pixels
                after and the encoder's words.
            text: the prompts.
        """
        everywhere = torch.ones(pixels[0].shape[:2], dtype=torch.bool, device=pixels[0].device)
        refined = apply_transposed(self.refine, words[1]) * text.mask.unsqueeze(-1)
        of_pixel, of_word = self.weigh_pixels(pixels[1], everywhere), self.weigh_words(refined, text.mask)
        words_left = hide(words[0], of_word, text.mask, HIDE_WORDS)
        pixels_left = hide(pixels[0], of_pixel, everywhere, HIDE_PIXELS)
        rebuilt_words = self.rebuild_words(pixels[0], of_pixel, everywhere, words_left)
        rebuilt_pixels = self.rebuild_pixels(words[0], of_word, text.mask, pixels_left)
        rebuilt = squared_error(rebuilt_words, text.tokens, text.mask)
        rebuilt = rebuilt + squared_error(rebuilt_pixels, pixels[1], everywhere)
        return rebuilt + 0.2 * conditioned_contrast(pixels[0], of_pixel, words[0], of_word, text.mask, LOGIT_SCALE)
