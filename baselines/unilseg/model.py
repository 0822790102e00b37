"""UniLSeg: words are fused into each map of a Swin and each level of a pixel decoder; the sentence queries the mask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.layers.maps import ChannelNorm
from baselines.layers.options import require_heads, require_multiple, require_recipe, require_tokens, require_widths
from baselines.layers.prompt_tokens import readable
from baselines.layers.swin import SwinStages, load_swin
from baselines.layers.towers import standardise
from baselines.registry import register
from baselines.unilseg.decoders import PixelDecoder, QueryDecoder, WordsToPixels

THRESHOLD = 0.35  # of the official code: logits are shifted, so that 0 stands for it


@register
class UniLSeg(Method):
    """The sentence is one query to the coarsest map; its product with the pixel decoder's map is the mask.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 32.
        width, depths, swin_heads, window, drop_path: of the Swin, see `swin_config`; ignored with pretrained weights.
        pixel_width: channels of the pixel decoder.
        query_width: of the query and of the product.
        heads: of all attention outside the Swin.
        layers: of the query's decoder.
        hidden: of the MLPs.
        tokens: tokens read of a prompt; 17 in the paper; None: all.
        weights: of the Swin: "none", a name on the hub or a folder.
        recipe: "common" or "official" (a pixel belongs to the mask from a probability of 0.35 on, not 0.5; batch norm
            of the sentence).
    """

    card = Card(
        name="unilseg",
        title="UniLSeg",
        year=2024,
        venue="CVPR",
        link="https://github.com/yongliu20/UniLSeg",
        uses_text=True,
        published="UniLSeg",
        published_params=28.7,
        deviations=(
            "The published 28.7 M are the two decoders alone, counted by a tool that misses attention (28.8 M here). "
            "Swin-B (86.7 M), the path from the words to its maps, and all attention come on top.",
            "The published code has no training: the common loss is the paper's cross entropy and Dice, and the "
            "official recipe's AdamW is assumed.",
            "Swin starts from scratch unless weights are given (swin-base-patch4-window7-224-in22k is the paper's); "
            "the norms of its four maps are new either way. Stochastic depth skips attention only, as in transformers.",
            "224 x 224 images; the public code has 480 x 480.",
            "Words and sentence come from the benchmark's frozen encoder; the paper's is CLIP ViT-B/16. Size paper "
            "reads the first 17 tokens as the paper does; size tiny reads all. If the widths differ, a linear layer "
            "projects the words to the width of the pixel decoder.",
            "Recipe common normalises the sentence with a LayerNorm; recipe official has the public code's batch norm, "
            "which uses the running statistics if a training batch has a single prompt.",
            "In the first layer the single query, all zeros, attends to itself; a learned start replaces this, as it "
            "is a constant either way.",
        ),
    )
    sizes = {
        "paper": {"tokens": 17},
        "tiny": {
            "width": 24,
            "depths": (1, 1, 1, 1),
            "swin_heads": (1, 2, 4, 8),
            "window": 4,
            "drop_path": 0.0,
            "pixel_width": 64,
            "query_width": 64,
            "layers": 2,
            "hidden": 128,
        },
    }
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adamw", "lr": 1e-4, "weight_decay": 0.01, "batch": 32, "epochs": 50,
    }  # fmt: skip
    # submodules that the published count leaves out
    uncounted: ClassVar[tuple[str, ...]] = ("swin", "norms", "join")

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 128,
        depths: Sequence[int] = (2, 2, 18, 2),
        swin_heads: Sequence[int] = (4, 8, 16, 32),
        window: int = 7,
        drop_path: float = 0.2,
        pixel_width: int = 512,
        query_width: int = 256,
        heads: int = 8,
        layers: int = 6,
        hidden: int = 2048,
        tokens: int | None = None,
        weights: str = "none",
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("unilseg", image_size, 32)
        self.official = require_recipe("unilseg", recipe)
        for option, given in (("depths", depths), ("swin_heads", swin_heads)):
            require_widths("unilseg", option, given, 4)
        self.token_limit = require_tokens("unilseg", tokens)
        tower = load_swin("unilseg", width, depths, swin_heads, window, drop_path, image_size, weights)
        self.swin = SwinStages(tower, shift_one_window=True)
        scales = self.swin.widths
        for channels in (*scales, pixel_width, query_width):
            require_heads("unilseg", channels, heads)
        self.norms = nn.ModuleList(ChannelNorm(c) for c in scales)
        self.join = nn.ModuleList(WordsToPixels(c, text.dim, heads) for c in scales)
        longest = self.token_limit or text.length
        self.pixels = PixelDecoder(scales, text.dim, pixel_width, query_width, heads, hidden, longest)
        self.query = QueryDecoder(scales[-1], text.dim, query_width, heads, hidden, layers, self.official)

    def encode_image(self, image: Tensor) -> list[Tensor]:
        """Maps (B, C, H, W) of the Swin's four stages, at 1/4 to 1/32, normalised; no word enters the Swin."""
        maps = self.swin(standardise(image, "clip"))
        return [norm(x) for norm, x in zip(self.norms, maps, strict=True)]

    def decode(self, features: list[Tensor], text: TextBatch) -> Tensor:
        """Words join the maps, the pixel decoder makes one map of them, and its product with the query is the mask."""
        text = readable(text, self.token_limit)
        maps = [join(x, text) for join, x in zip(self.join, features, strict=True)]
        query = self.query(maps[-1], text.pooled)  # (B, 1, Q)
        mask = torch.einsum("bqc,bchw->bqhw", query, self.pixels(maps, text))
        logits = F.interpolate(mask, size=self.image_size, mode="bilinear", align_corners=True)
        return logits - math.log(THRESHOLD / (1 - THRESHOLD)) if self.official and not self.training else logits
