"""UniLSeg's decoders: pixels that attend to the words at four scales, and a sentence as the query of the mask.

Source: Liu et al., "Universal Segmentation at Arbitrary Granularity with Language Instruction" (CVPR 2024), and what
its public code adds.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import TextBatch
from baselines.layers.convolution import conv
from baselines.layers.maps import to_map, to_tokens
from baselines.unilseg.positions import sine_positions, word_positions

COARSEST = 8  # maps at 1/4, 1/8, 1/16, 1/32 are shrunk by 8, 4, 2, 1 where pixels attend to pixels: one grid for all
DROPOUT = 0.1


class WordsToPixels(nn.Module):
    """x + attention of its pixels, with positions, to the words; (B, C, H, W), same shape."""

    def __init__(self, width: int, dim: int, heads: int):
        super().__init__()
        self.narrow = nn.Linear(dim, width)
        self.attend = _attention(width, heads)

    def forward(self, x: Tensor, text: TextBatch) -> Tensor:
        """(B, C, H, W), same shape."""
        words = self.narrow(text.tokens)  # keys and values
        query = to_tokens(x) + sine_positions(x)
        attended = self.attend(query, words, words, key_padding_mask=~text.mask, need_weights=False)[0]
        return x + to_map(attended, *x.shape[-2:])


class VisionLanguageBlock(nn.Module):
    """Pixels attend to pixels and words together, then to the words; an MLP; each step added and normalised.

    The first attention is on a grid `shrink` times smaller, and enlarged again; all the rest is on every pixel.
    """

    def __init__(self, width: int, heads: int, hidden: int, shrink: int):
        super().__init__()
        self.shrink = shrink
        self.together, self.to_words = _attention(width, heads), _attention(width, heads)
        self.mlp = _mlp(width, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.drop = nn.Dropout(DROPOUT)
        _init_xavier(self)

    def forward(self, x: Tensor, words: Tensor, mask: Tensor, order: Tensor) -> Tensor:
        """Map (B, C, H, W), words (B, N, C), mask (B, N), positions of words (1, N, C) -> map (B, C, H, W)."""
        place, tokens = sine_positions(x), to_tokens(x)
        small = tuple(side // self.shrink for side in x.shape[-2:])
        query, value = (to_tokens(_resize(to_map(y, *x.shape[-2:]), small)) for y in (tokens + place, tokens))
        key, value = (torch.cat([y, words.to(y.dtype)], dim=1) for y in (query, value))
        unread = F.pad(~mask, (query.shape[1], 0))  # pixels are never masked
        attended = self.together(query, key, value, key_padding_mask=unread, need_weights=False)[0]
        attended = to_tokens(_resize(to_map(attended, *small), x.shape[-2:]))
        y = self.norms[0](tokens + self.drop(attended))
        attended = self.to_words(y + place, words + order, words, key_padding_mask=~mask, need_weights=False)[0]
        y = self.norms[1](y + self.drop(attended))
        return to_map(self.norms[2](y + self.drop(self.mlp(y))), *x.shape[-2:])


class PixelDecoder(nn.Module):
    """Four maps from fine to coarse, and the words -> one map (B, outputs, H/4, W/4), coarse to fine by sums.

    Args:
        scales: channels of the maps.
        dim: of the words.
        width, outputs: channels inside, and of the result.
        heads, hidden: of attention and MLPs.
        longest: words of the longest prompt.
    """

    def __init__(
        self, scales: Sequence[int], dim: int, width: int, outputs: int, heads: int, hidden: int, longest: int
    ):
        super().__init__()
        self.longest = longest
        self.lateral = nn.ModuleList(conv(c, width, 1) for c in scales)
        self.read = nn.Linear(dim, width) if dim != width else nn.Identity()
        self.blocks = nn.ModuleList(
            VisionLanguageBlock(width, heads, hidden, COARSEST >> i) for i in range(len(scales))
        )
        self.smooth = nn.ModuleList(conv(width, width, 3) for _ in scales)
        self.output = conv(width, outputs, 3)

    def forward(self, maps: Sequence[Tensor], text: TextBatch) -> Tensor:
        """Maps at 1/4 to 1/32, finest first -> (B, outputs, H/4, W/4)."""
        words, above = self.read(text.tokens), None
        order = word_positions(words, self.longest)
        for i in reversed(range(len(maps))):
            x = self.blocks[i](self.lateral[i](maps[i]), words, text.mask, order)
            above = self.smooth[i](x if above is None else x + _resize(above, x.shape[-2:]))
        return self.output(above)


class QueryLayer(nn.Module):
    """One query (B, 1, C): attention to itself, to the pixels, an MLP; each added and normalised.

    The sentence is the position of the query: it is added to the query and to its own key. Positions of pixels are in
    the keys alone.
    """

    def __init__(self, width: int, heads: int, hidden: int, first: bool):
        super().__init__()
        steps = ("pixels", "mlp") if first else ("own", "pixels", "mlp")
        self.own = None if first else _attention(width, heads)
        self.pixels, self.mlp = _attention(width, heads), _mlp(width, hidden)
        self.norms = nn.ModuleDict({step: nn.LayerNorm(width) for step in steps})
        self.drop = nn.Dropout(DROPOUT)
        _init_xavier(self)

    def forward(self, x: Tensor, sentence: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Query and sentence (B, 1, C), keys and values of the pixels (B, P, C) -> query (B, 1, C)."""
        if self.own is not None:
            placed = x + sentence
            x = self.norms["own"](x + self.drop(self.own(placed, placed, x, need_weights=False)[0]))
        x = self.norms["pixels"](x + self.drop(self.pixels(x + sentence, key, value, need_weights=False)[0]))
        return self.norms["mlp"](x + self.drop(self.mlp(x)))


class PromptNorm(nn.BatchNorm1d):
    """Batch norm of one vector per prompt (B, C).

    A single prompt in a training batch has no deviation; it is normalised by the running statistics, unchanged.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, C), same shape."""
        if len(x) > 1 or not self.training:
            return super().forward(x)
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)


class QueryDecoder(nn.Module):
    """A sentence (B, D) and the coarsest map (B, inputs, h, w) -> the query (B, 1, width) of a mask.

    In the public code the query starts as zeros, so its first attention to itself gives the same result for every image
    and sentence. Here a learned start, initially zeros, replaces both.

    Args:
        inputs: channels of the map.
        dim: of the sentence.
        width: of the query.
        heads, hidden, layers: of attention and MLPs, and how many of each.
        batch_norm: whether the sentence goes through the public code's batch norm instead of a LayerNorm.
    """

    def __init__(
        self, inputs: int, dim: int, width: int, heads: int, hidden: int, layers: int, batch_norm: bool = False
    ):
        super().__init__()
        self.look = conv(inputs, width, 3)
        norm = PromptNorm(width) if batch_norm else nn.LayerNorm(width)
        self.ask = nn.Sequential(nn.Linear(dim, width, bias=False), norm, nn.ReLU())
        self.start = nn.Parameter(torch.zeros(1, 1, width))
        self.layers = nn.ModuleList(QueryLayer(width, heads, hidden, first=i == 0) for i in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, deepest: Tensor, sentence: Tensor) -> Tensor:
        """(B, inputs, h, w), (B, dim) -> (B, 1, width)."""
        pixels = self.look(deepest)
        value, position = to_tokens(pixels), self.ask(sentence).unsqueeze(1)
        key = value + sine_positions(pixels)
        x = self.start.expand(len(pixels), -1, -1)
        for layer in self.layers:
            x = layer(x, position, key, value)
        return self.norm(x)


def _attention(width: int, heads: int) -> nn.MultiheadAttention:
    return nn.MultiheadAttention(width, heads, dropout=DROPOUT, batch_first=True)


def _mlp(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(hidden, width))


def _init_xavier(module: nn.Module) -> None:
    """Initialise the matrices with Xavier's uniform distribution."""
    for parameter in module.parameters():
        if parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter)


def _resize(x: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=False)
