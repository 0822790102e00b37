"""UniLSeg: words join a Swin's stages and each level of a pixel decoder; the sentence becomes the query of the mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.layers.blocks import require_multiple
from baselines.layers.kan_block import to_map, to_tokens
from baselines.layers.options import require_heads, require_tokens
from baselines.layers.position import sine_positions
from baselines.layers.swin import SwinStages
from baselines.layers.towers import load_tower, standardise, swin_config
from baselines.layers.words import readable
from baselines.registry import register

COARSEST = 8  # maps at 1/4, 1/8, 1/16, 1/32 are averaged over 8, 4, 2, 1 pixels before they attend: one grid for all


class WordsToPixels(nn.Module):
    """x + attention of its pixels, with positions, to the words: (B, C, H, W), kept."""

    def __init__(self, width: int, dim: int, heads: int):
        super().__init__()
        self.narrow = nn.Linear(dim, width)
        self.attend = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x: Tensor, text: TextBatch) -> Tensor:
        words = self.narrow(text.tokens)  # keys and values
        query = to_tokens(x) + sine_positions(x)
        found = self.attend(query, words, words, key_padding_mask=~text.mask, need_weights=False)[0]
        return x + to_map(found, *x.shape[-2:])


class VisionLanguageBlock(nn.Module):
    """Pixels attend to pixels and words together, then to the words; an MLP; each step added and normalised."""

    def __init__(self, width: int, heads: int, hidden: int):
        super().__init__()
        self.together = nn.MultiheadAttention(width, heads, batch_first=True)
        self.to_words = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))

    def forward(self, x: Tensor, words: Tensor, mask: Tensor) -> Tensor:
        """Pixels (B, P, C), words (B, N, C), mask (B, N) -> (B, P, C)."""
        both = torch.cat([x, words], dim=1)
        unread = F.pad(~mask, (x.shape[1], 0))  # no pixel is
        x = self.norms[0](x + self.together(x, both, both, key_padding_mask=unread, need_weights=False)[0])
        x = self.norms[1](x + self.to_words(x, words, words, key_padding_mask=~mask, need_weights=False)[0])
        return self.norms[2](x + self.mlp(x))


class PixelDecoder(nn.Module):
    """Four maps from fine to coarse, and the words -> one map (B, outputs, H/4, W/4), coarse to fine by sums."""

    def __init__(self, scales: Sequence[int], dim: int, width: int, outputs: int, heads: int, hidden: int):
        super().__init__()
        self.lateral = nn.ModuleList(_conv(c, width, 1) for c in scales)
        self.read = nn.Linear(dim, width) if dim != width else nn.Identity()
        self.blocks = nn.ModuleList(VisionLanguageBlock(width, heads, hidden) for _ in scales)
        self.smooth = nn.ModuleList(_conv(width, width, 3) for _ in scales)
        self.output = nn.Conv2d(width, outputs, 3, padding=1)

    def forward(self, maps: Sequence[Tensor], text: TextBatch) -> Tensor:
        words, above = self.read(text.tokens), None
        for i in reversed(range(len(maps))):
            x = self.lateral[i](maps[i])
            small = F.avg_pool2d(x, COARSEST >> i)
            told = self.blocks[i](to_tokens(small), words, text.mask)
            x = x + _grown(to_map(told, *small.shape[-2:]), x)
            above = self.smooth[i](x if above is None else x + _grown(above, x))
        return self.output(above)


@register
class UniLSeg(Method):
    """The sentence is one query that reads the coarsest map; its product with the pixel decoder's map is the mask.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 32.
        width, depths, swin_heads, window, drop_path: of the Swin, see `swin_config`; not read with pretrained weights.
        pixel_width: channels of the pixel decoder.
        query_width: of the query and of the product.
        heads: of all attention outside the Swin.
        layers: of the query's decoder.
        hidden: of the MLPs.
        tokens: tokens read of a prompt; 17 in the paper; None: all.
        early: whether a stage's map goes on to the next stage with the words in it, or as it was.
        weights: of the Swin: "none", a name on the hub or a folder.
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
            "The published 28.7 M are the two decoders alone, by the field's tool, which does not see attention "
            "(28.8 M here); Swin-B (86.7 M), the words' way into it and all attention come on top.",
            "The published code has no training: the common loss is the paper's cross entropy and Dice, the official "
            "recipe's AdamW is assumed.",
            "Swin starts from scratch unless weights are given (swin-base-patch4-window7-224-in22k is the paper's).",
            "Words and sentence come from the benchmark's frozen encoder; the paper's is CLIP ViT-B/16. Size paper "
            "reads the first 17 tokens as the paper does; size tiny reads all. Where the widths differ a linear layer "
            "brings the words to the pixel decoder's.",
            "The sentence is normalised by a LayerNorm, not over the batch, which would need two prompts in each.",
            "Not stated, our reading: maps with the words in them go on to the next stage (option early), positions "
            "are sines, and what a level's block finds is added to the level's map.",
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
    uncounted: ClassVar[tuple[str, ...]] = ("swin", "join")

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 128,
        depths: Sequence[int] = (2, 2, 18, 2),
        swin_heads: Sequence[int] = (4, 8, 16, 32),
        window: int = 7,
        drop_path: float = 0.3,
        pixel_width: int = 512,
        query_width: int = 256,
        heads: int = 8,
        layers: int = 6,
        hidden: int = 2048,
        tokens: int | None = None,
        early: bool = True,
        weights: str = "none",
    ):
        super().__init__(text, image_size)
        require_multiple("unilseg", image_size, 32)
        self.token_limit, self.early = require_tokens("unilseg", tokens), early
        config = swin_config(width, depths, swin_heads, window, drop_path, image_size)
        self.swin = SwinStages(load_tower("SwinModel", config, weights, "unilseg: weights", add_pooling_layer=False))
        scales = self.swin.widths
        for channels in (*scales, pixel_width, query_width):
            require_heads("unilseg", channels, heads)
        self.join = nn.ModuleList(WordsToPixels(c, text.dim, heads) for c in scales)
        self.pixels = PixelDecoder(scales, text.dim, pixel_width, query_width, heads, hidden)
        self.look = _conv(scales[-1], query_width, 3)
        self.ask = nn.Sequential(nn.Linear(text.dim, query_width), nn.LayerNorm(query_width), nn.ReLU())
        layer = nn.TransformerDecoderLayer(query_width, heads, hidden, dropout=0.1, batch_first=True)
        self.query = nn.TransformerDecoder(layer, layers)

    def encode_image(self, image: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Tokens (B, P, C) of the first stage, before they meet the words, and their grid."""
        tokens, size = self.swin.embed(standardise(image))
        return self.swin.stage(0, tokens, size), size

    def decode(self, features: tuple[Tensor, tuple[int, int]], text: TextBatch) -> Tensor:
        """Maps of all stages with the words in them, one map of pixels from these, and its product with the query."""
        text = readable(text, self.token_limit)
        tokens, size = features
        maps: list[Tensor] = []
        for i, join in enumerate(self.join):
            if i:
                tokens, size = self.swin.halve(i - 1, to_tokens(maps[-1]) if self.early else tokens, size)
                tokens = self.swin.stage(i, tokens, size)
            maps.append(join(to_map(tokens, *size), text))
        deepest = self.look(maps[-1])
        seen = to_tokens(deepest) + sine_positions(deepest)  # (B, h*w, Q)
        query = self.query(self.ask(text.pooled).unsqueeze(1), seen)  # (B, 1, Q)
        mask = torch.einsum("bqc,bchw->bqhw", query, self.pixels(maps, text))
        return F.interpolate(mask, scale_factor=4, mode="bilinear", align_corners=False)


def _conv(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """Convolution, batch norm, ReLU."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def _grown(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
