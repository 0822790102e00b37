"""ARSeg: the image and three attributes of the prompt are squeezed into a few tokens each; their maps are added."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.arseg.bottleneck_tokens import BottleneckMap
from baselines.arseg.distillation import divergence, prototype_gap
from baselines.arseg.prompt_attributes import gather_part, part_of_token, words_of
from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers.maps import to_tokens
from baselines.layers.options import require_heads, require_multiple, require_recipe, require_whole, require_widths
from baselines.registry import register

PARTS = 3
DISTIL, PROTOTYPE = 0.5, 0.5  # weights of the two losses between one part's mask and the whole


def _conv(before: int, after: int) -> nn.Sequential:
    """3x3 convolution with mirrored borders, batch norm, dropout of whole channels, ReLU."""
    conv = nn.Conv2d(before, after, 3, padding=1, padding_mode="reflect")
    return nn.Sequential(conv, nn.BatchNorm2d(after), nn.Dropout2d(0.1), nn.ReLU())


def _along(before: int, after: int) -> nn.Sequential:
    """The same along the last axis: (B, before, L) -> (B, after, L)."""
    conv = nn.Conv1d(before, after, 3, padding=1, padding_mode="reflect")
    return nn.Sequential(conv, nn.BatchNorm1d(after), nn.Dropout1d(0.1), nn.ReLU())


class PartEncoder(nn.Module):
    """Words of one attribute -> as many features as the image has: (B, slots, D) -> (B, P, C)."""

    def __init__(self, slots: int, pixels: int, dim: int, width: int):
        super().__init__()
        self.spread, self.narrow = _along(slots, pixels), _along(dim, width)

    def forward(self, words: Tensor) -> Tensor:
        """(B, slots, D) -> (B, P, C)."""
        return self.narrow(self.spread(words).transpose(1, 2)).transpose(1, 2)


class Decoder(nn.Module):
    """Three steps up with skips, then the logits at full size. Returns the map of each step, and the logits."""

    def __init__(self, widths: Sequence[int]):
        super().__init__()
        steps = list(pairwise(widths[::-1]))
        self.narrow = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in steps)
        self.join = nn.ModuleList(_conv(2 * b, b) for _, b in steps)
        self.head = nn.Conv2d(widths[0], 1, 1)

    def forward(self, x: Tensor, skips: Sequence[Tensor]) -> list[Tensor]:
        """(B, C, H/16, W/16) and skips, finest first -> maps at 1/8, 1/4 and 1/2, logits (B, 1, H, W)."""
        maps = []
        for narrow, join, skip in zip(self.narrow, self.join, reversed(skips), strict=True):
            x = join(torch.cat([F.interpolate(narrow(x), scale_factor=2), skip], dim=1))
            maps.append(x)
        return [*maps, F.interpolate(self.head(x), scale_factor=2)]


@register
class ARSeg(Method):
    """Maps of image, laterality, number and location are added; a part that the prompt lacks adds nothing.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 16; the learned tokens are made for it.
        widths: channels at 1/2, 1/4, 1/8 and 1/16, each twice the one before or less.
        slots: number of words read for each attribute; None: as many as the longest prompt has tokens. The first
            sum(slots) words of a prompt are read: those that do not fit continue in the next attribute's slots.
        heads: of the attention; divides the last width.
        rounds: of attention between tokens and features.
        dropout: of the attention.
        drop: in the official loss, how often each attribute is left out of a batch; below 1.
        recipe: "common" or "official" (Dice, and the losses that bring each attribute's own mask near the whole).
    """

    card = Card(
        name="arseg",
        title="ARSeg",
        year=2026,
        venue="code",
        link="https://github.com/w7jie/ARSeg",
        uses_text=True,
        published="ARSeg",
        published_params=30.1,
        deviations=(
            "One set of tokens is learned for all images (30.00 M parameters with BERT's width). The official code "
            "has one per place in a batch of 8 (30.40 M), so it accepts no other batch size.",
            "Words come from the benchmark's frozen encoder, without its start and end marks; the official code reads "
            "whole words of BERT, at most 5, 5 and 10 for the three attributes, and drops the rest. Size paper has as "
            "many slots, but the words of an attribute that does not fit continue in the slots of the next one, so "
            "that the first 20 tokens are read wherever the commas are. Size tiny has slots for all words.",
            "Attributes end at commas as in the official code, which takes a prompt without commas for the first "
            "attribute and reads 5 words of it. This implementation distributes such a prompt over the three "
            "attributes in order, in proportion to their slots; so it does with all prompts if the encoder has no "
            "token for the comma.",
            "An attribute that the prompt lacks adds nothing; in the official code attributes are left out only at "
            "random.",
            "Official loss: KL compares true distributions, with the whole as a fixed teacher, and prototypes are made "
            "from the decoder's last features. The official code clamps log-probabilities from below, where the "
            "student gets no gradient, and makes prototypes from one channel, whose cosine is always 1.",
            "Attributes are dropped only in training, not in testing as in the official code; images are in [0, 1].",
        ),
    )
    sizes = {
        "paper": {"widths": (64, 128, 256, 512), "slots": (5, 5, 10)},
        "tiny": {"widths": (16, 32, 48, 64), "heads": 4, "rounds": 2},
    }
    drop: Tensor
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adam",
        "lr": 0.0002,
        "schedule": "constant",
        "weight_decay": 0.0001,
        "batch": 8,
        "epochs": 50,
    }

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        widths: Sequence[int] = (64, 128, 256, 512),
        slots: Sequence[int] | None = None,
        heads: int = 8,
        rounds: int = 7,
        dropout: float = 0.1,
        drop: Sequence[float] = (0.1, 0.4, 0.7),
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("arseg", image_size, 16, least=32)  # one pixel at 1/16 has no mirrored border
        widths = require_widths("arseg", "widths", widths, 4)
        width, side = widths[-1], image_size // 16
        require_heads("arseg", width, heads)
        self.official = require_recipe("arseg", recipe)
        self.slots = require_widths("arseg", "slots", slots or [text.length] * PARTS, PARTS)
        self.token_limit = sum(self.slots) if slots else text.length
        self.vocabulary = text.words  # knows the comma, which ends an attribute
        self.register_buffer("drop", torch.tensor(_shares(drop)), persistent=False)
        require_whole("arseg", "rounds", rounds)
        self.down = nn.ModuleList(nn.Sequential(_conv(a, b), nn.MaxPool2d(2)) for a, b in pairwise((3, *widths)))
        self.squeeze = BottleneckMap(width, side, heads, rounds, dropout, own_first=False)
        self.read = nn.ModuleList(PartEncoder(n, side * side, text.dim, width) for n in self.slots)
        self.squeeze_part = nn.ModuleList(BottleneckMap(width, side, heads, rounds, dropout) for _ in self.slots)
        self.up = Decoder(widths)

    def encode_image(self, image: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) -> the image's map (B, C, H/16, W/16), and the skips at 1/2, 1/4 and 1/8."""
        size = tuple(image.shape[-2:])
        if size != (self.image_size, self.image_size):  # the tokens were made for it
            raise InputError(f"arseg: built for images of {self.image_size} pixels, got {size}")
        maps = [image]
        for down in self.down:
            maps.append(down(maps[-1]))
        return (self.squeeze(to_tokens(maps[-1])), *maps[1:-1])

    def reads(self, text: TextBatch) -> Tensor:
        """(B, N) bool, False on pads and on words without a slot; commas and marks are read, since they divide."""
        words = words_of(text, self.vocabulary)
        return text.mask & (~words | (part_of_token(text, self.slots, self.vocabulary.comma, words) >= 0))

    def part_maps(self, text: TextBatch) -> tuple[Tensor, Tensor]:
        """Maps of the attributes (3, B, C, H/16, W/16), zero where the prompt lacks one; which it has, (3, B) bool."""
        words = words_of(text, self.vocabulary)
        number = part_of_token(text, self.slots, self.vocabulary.comma, words)
        maps, present = [], []
        for i, (slots, read, squeeze) in enumerate(zip(self.slots, self.read, self.squeeze_part, strict=True)):
            belongs = number == i
            present.append(belongs.any(1))
            part = squeeze(read(gather_part(text.tokens, belongs, slots)))
            maps.append(part * present[-1][:, None, None, None])
        return torch.stack(maps), torch.stack(present)

    def decode(self, features: tuple[Tensor, ...], text: TextBatch) -> Tensor:
        """The maps of image and attributes are added and decoded together."""
        image_map, *skips = features
        return self.up(image_map + self.part_maps(text)[0].sum(0), skips)[-1]

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the official one: attributes are dropped at random, each other one learns from all."""
        if not self.official:
            return super().loss(image, text, target)
        image_map, *skips = self.encode_image(image)
        maps, present = self.part_maps(text)
        kept = (
            present & (torch.rand(PARTS, device=maps.device) >= self.drop if self.training else self.drop < 1)[:, None]
        )
        whole = self.up(image_map + (maps * kept[:, :, None, None, None]).sum(0), skips)
        alone = [self.up(image_map + part, skips) for part in maps]
        kl = torch.stack([_sum_of(divergence, one, whole) for one in alone])  # (3, B)
        pairs = [prototype_gap(one[-2], whole[-2], target) for one in alone]
        gap, distance = (torch.stack(values) for values in zip(*pairs, strict=True))
        distance = distance * kept
        preference = distance / (distance.sum() / kept.sum().clamp_min(1) + 1e-5)  # the farther, the heavier
        students = DISTIL * kl / (2 * (1 - self.drop))[:, None] + PROTOTYPE * preference * gap
        return _batch_dice(whole[-1], target) + (students * kept).sum(0).mean()


def _sum_of(function: Any, one: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    return torch.stack([function(a, b) for a, b in zip(one, other, strict=True)]).sum(0)


def _batch_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Soft Dice loss over all pixels of the batch."""
    p = logits.float().sigmoid()
    return 1 - 2 * (p * target).sum() / (p.sum() + target.sum() + 1e-5)


def _shares(drop: Sequence[float]) -> tuple[float, ...]:
    if len(drop) != PARTS or not all(0 <= share < 1 for share in drop):
        raise InputError(f"arseg: drop {list(drop)}: expected {PARTS} shares, each at least 0 and below 1")
    return tuple(float(share) for share in drop)
