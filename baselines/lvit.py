"""LViT: a U-Net and a U of vision transformers side by side; the text enters at the transformers' first level."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers.blocks import conv_block, require_multiple
from baselines.layers.kan_block import to_map, to_tokens
from baselines.layers.vit import TransformerBlock, fixed_tokens
from baselines.losses import balanced_bce_dice
from baselines.registry import register

PATCHES = (16, 8, 4, 2)  # at scales 1, 1/2, 1/4, 1/8: one grid of image_size / 16 for all


class PixelAttention(nn.Module):
    """PLAM: weighs each pixel of a skip by the mean and the maximum over its channels. (B, C, H, W), kept."""

    def __init__(self, width: int):
        super().__init__()
        self.mean = nn.Conv2d(width, width, 1, bias=False)
        self.top = nn.Conv2d(width, width, 1, bias=False)
        self.weigh = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1))

    def forward(self, x: Tensor) -> Tensor:
        # the ReLU comes after the maximum, where it is the same and has fewer numbers to go through
        mean, top = self.mean(x).relu().mean(1), self.top(x).amax(1).relu()  # (B, H, W)
        return x * self.weigh(torch.stack([mean, top, mean + top], dim=-1)).movedim(-1, 1)


class Patches(nn.Module):
    """Tokens of a map, with learned positions: (B, C, H, W) -> (B, P, C)."""

    def __init__(self, width: int, patch: int, grid: int, dropout: float):
        super().__init__()
        self.cut = nn.Conv2d(width, width, patch, stride=patch)
        self.position = nn.Parameter(torch.zeros(1, grid * grid, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(to_tokens(self.cut(x)) + self.position)


def _along(inputs: int, outputs: int) -> nn.Sequential:
    """Convolution of width 3 along the last axis, batch norm, ReLU: (B, inputs, L) -> (B, outputs, L)."""
    return nn.Sequential(nn.Conv1d(inputs, outputs, 3, padding=1), nn.BatchNorm1d(outputs), nn.ReLU())


def _swapped(layer: nn.Module, tokens: Tensor) -> Tensor:
    return layer(tokens.transpose(1, 2)).transpose(1, 2)


@register
class LViT(Method):
    """The dual U of LViT-T, without the parts of its published code that no forward pass reaches.

    The text is read as `tokens` slots: longer prompts are cut (`token_limit` tells), shorter ones filled with zeros.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 16.
        width: channels at full resolution; 2, 4, 8 and 8 times as many below.
        tokens: token slots; 10 in the paper; None: as many as the data's longest prompt has.
        heads: of the transformers; divides width.
        dropout: in the transformers.
        objective: "common" (`bce_dice`) or "official" (`balanced_bce_dice`).
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
            "Text comes from the benchmark's frozen encoder, its start and end marks included; the paper reads the "
            "first 10 BERT word vectors. Size paper keeps 10 tokens; size tiny keeps all of the prompt.",
            "Trained with the common loss; the official class-balanced one is the option objective=official.",
            "No flips and rotations: the paper turns pictures without rewriting left and right in the prompt.",
        ),
    )
    sizes = {"paper": {"width": 64, "tokens": 10}, "tiny": {"width": 16, "heads": 4}}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 64,
        tokens: int | None = None,
        heads: int = 8,
        dropout: float = 0.1,
        objective: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("lvit", image_size, 16)
        if width < 2 or width % heads:
            raise InputError(f"lvit: width {width} is not a multiple of heads {heads}; change one of them")
        if tokens is not None and tokens < 1:
            raise InputError(f"lvit: tokens {tokens} is less than 1; leave the option out to keep all")
        if objective not in ("common", "official"):
            raise InputError(f"lvit: objective {objective!r} is unknown; there are: common, official")
        self.objective = objective
        self.token_limit = self.slots = tokens or text.length
        self.grid = image_size // 16
        scales = [width, 2 * width, 4 * width, 8 * width]
        self._build_cnn(scales)
        self._build_transformers(scales, text.dim, heads, dropout)

    def _build_cnn(self, scales: list[int]) -> None:
        width = scales[0]
        steps = zip(scales, [*scales[1:], scales[-1]], strict=True)
        self.stem = conv_block(3, width, bias=True)
        self.down = nn.ModuleList(nn.Sequential(nn.MaxPool2d(2), conv_block(a, b, b, bias=True)) for a, b in steps)
        self.attend = nn.ModuleList(PixelAttention(c) for c in scales)
        self.up = nn.ModuleList(conv_block(2 * c, max(c // 2, width), max(c // 2, width), bias=True) for c in scales)
        self.head = nn.Conv2d(width, 1, 1)

    def _build_transformers(self, scales: list[int], dim: int, heads: int, dropout: float) -> None:
        widths = [dim, *reversed(scales)]
        self.narrow = nn.Sequential(
            *(nn.Conv1d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:], strict=False))
        )  # (B, D, slots) -> (B, width, slots)
        self.inject = _along(self.slots, self.grid**2)  # slots are the channels here, and the width is the length
        self.patches = nn.ModuleList(Patches(c, p, self.grid, dropout) for c, p in zip(scales, PATCHES, strict=True))
        self.descend = nn.ModuleList(TransformerBlock(c, heads, dropout) for c in scales)
        self.halve = nn.ModuleList(_along(c, c // 2) for c in scales[1:])
        self.ascend = nn.ModuleList(TransformerBlock(c, heads, dropout) for c in scales)
        self.hand_up = nn.ModuleList(_along(2 * c, c) for c in scales[:-1])
        self.rebuild = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, c, 1), nn.BatchNorm2d(c), nn.ReLU(inplace=True)) for c in scales
        )

    def encode_image(self, image: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) -> five maps of the U-Net's way down, and four levels of tokens that have not met the text."""
        if image.shape[-2:] != (self.image_size, self.image_size):
            raise InputError(f"lvit: built for pictures of {self.image_size} pixels, got {tuple(image.shape[-2:])}")
        maps = [self.stem(image)]
        for down in self.down:
            maps.append(down(maps[-1]))
        levels = [patches(x) for patches, x in zip(self.patches, maps, strict=False)]  # (B, P, c) each
        for i, halve in enumerate(self.halve, start=1):
            levels[i] = _swapped(halve, self.descend[i](levels[i]))  # (B, P, c/2)
        return (*maps, *levels)

    def decode(self, features: tuple[Tensor, ...], text: TextBatch) -> Tensor:
        """Tokens meet the text, go down and up their U, join the maps as skips, and the U-Net goes up."""
        *skips, x = features[:5]
        levels = list(features[5:])
        words = _swapped(self.narrow, fixed_tokens(text, self.slots))  # (B, slots, width)
        levels[0] = self.descend[0](levels[0] + self.inject(words))
        for i in range(1, 4):
            levels[i] = torch.cat([levels[i], levels[i - 1]], dim=2)  # (B, P, c)
        y = self.ascend[3](levels[3])
        for i in (3, 2, 1, 0):
            if i < 3:
                y = self.ascend[i](levels[i]) + _swapped(self.hand_up[i], y)
            # the paper enlarges first; pixel by pixel it is the same, at up to 256 times the work
            grown = F.interpolate(self.rebuild[i](to_map(y, self.grid, self.grid)), scale_factor=PATCHES[i])
            skip = self.attend[i](skips[i] + grown)
            x = self.up[i](torch.cat([skip, F.interpolate(x, scale_factor=2)], dim=1))
        return self.head(x)

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or LViT's own where the option says so."""
        if self.objective == "official":
            return balanced_bce_dice(self(image, text), target)
        return super().loss(image, text, target)
