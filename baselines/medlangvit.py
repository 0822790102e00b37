"""MedLangViT: LViT with a light word embedding, and channel and spatial attention on every skip."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from torch import Tensor, nn

from baselines.contract import Card, TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers import recipes
from baselines.layers.cbam import ChannelAttention, SpatialAttention
from baselines.layers.lvit_dual import DualU, apply_transposed, conv1d_block
from baselines.layers.options import require_choice, require_heads, require_multiple, require_tokens
from baselines.layers.prompt_tokens import fixed_tokens, mean_of_words
from baselines.registry import register


@register
class MedLangViT(DualU):
    """LViT's two branches. Words join the first level of the transformers; their mean joins each skip before attention.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 16.
        width: channels at full resolution; 2, 4, 8 and 8 times as many below.
        embedding: "learned", a table from the token ids, trained with the rest; "frozen", the encoder's tokens.
        tokens: token slots; 10 as in LViT; None: as many as the data's longest prompt has.
        reduction: of the attention over channels.
        heads: of the transformers; divides width.
        dropout: after the patches and in the transformers' MLPs.
    """

    card = Card(
        name="medlangvit",
        title="MedLangViT",
        year=2025,
        venue="Electronics",
        link="https://doi.org/10.3390/electronics14153020",
        uses_text=True,
        published="MedLangViT",
        published_params=27.7,
        deviations=(
            "We found no code, and only the abstract and introduction of the paper. This is our reading: LViT with a "
            "light text embedding and a module of channel and spatial attention that sees text and image.",
            "The text embedding is a table from the encoder's token ids to the width of the first level, trained from "
            "scratch; option embedding=frozen reads the frozen encoder's tokens through a linear layer.",
            "The attention module is CBAM's, applied to every skip after the mean word has been added to it.",
            "Size paper has 10 token slots like LViT; size tiny reads the whole prompt.",
            "The official recipe is not known; LViT's settings are used instead.",
        ),
    )
    sizes = {"paper": {"width": 64, "tokens": 10}, "tiny": {"width": 16, "heads": 4, "reduction": 4}}
    official_recipe: ClassVar[dict[str, Any]] = {**recipes.LVIT, "batch": 24, "patience": 50}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 64,
        embedding: str = "learned",
        tokens: int | None = None,
        reduction: int = 16,
        heads: int = 8,
        dropout: float = 0.1,
    ):
        super().__init__(text, image_size)
        require_multiple("medlangvit", image_size, 16)
        require_heads("medlangvit", width, heads)
        if reduction < 1:
            raise InputError(f"medlangvit: reduction {reduction} is less than 1; 16 is usual")
        self.learned = require_choice("medlangvit", "embedding", embedding, ("learned", "frozen")) == "learned"
        self.token_limit = self.slots = require_tokens("medlangvit", tokens) or text.length
        scales = [width, 2 * width, 4 * width, 8 * width]
        self.build_cnn(scales, lambda c: nn.Sequential(ChannelAttention(c, reduction), SpatialAttention()))
        self.embed: nn.Module = nn.Embedding(text.vocab, width) if self.learned else nn.Linear(text.dim, width)
        self.mix = nn.Conv1d(width, width, 3, padding=1)
        self.inject = conv1d_block(
            self.slots, (image_size // 16) ** 2
        )  # slots are the channels, the width is the length
        self.say = nn.ModuleList(nn.Linear(width, c) for c in scales)
        self.build_transformers(scales, heads, dropout)

    def read(self, text: TextBatch) -> tuple[Tensor, Tensor]:
        """Words (B, slots, width), pads zero, and their mean (B, width), zero for an empty prompt."""
        words = self.embed(text.ids if self.learned else text.tokens)
        kept = fixed_tokens(replace(text, tokens=words), self.slots)
        return kept, mean_of_words(words[:, : self.slots], text.mask[:, : self.slots])

    def decode(self, features: tuple[Tensor, ...], text: TextBatch) -> Tensor:
        """The words are added to the tokens and their mean to the skips; both then pass the two Us."""
        words, mean = self.read(text)
        skips = [x + say(mean)[:, :, None, None] for x, say in zip(features, self.say, strict=False)]
        return self.decode_with_words((*skips, *features[4:]), self.inject(apply_transposed(self.mix, words)))
