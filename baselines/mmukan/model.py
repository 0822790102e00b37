"""MM-UKAN++: KAN stages at all five scales, and two ways up with attention by frequency, channel and pixel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, ImageMethod, TextSpec, augmentation_note
from baselines.errors import InputError
from baselines.layers import recipes
from baselines.layers.convolution import conv_block
from baselines.layers.kan import KANBlock, KANStage, kan_param_groups
from baselines.layers.maps import ChannelNorm
from baselines.layers.options import require_multiple, require_widths
from baselines.mmukan.frequency_attention import FREQUENCIES, FCSAttention
from baselines.registry import register

FREQUENCY_SIDE = 14  # of the maps that frequencies are taken of, whatever the scale and the size of the image


class Join(nn.Module):
    """Two concatenated maps, weighted by FCS attention and projected back to the width of one.

    Args:
        width: channels of each.
        side: of the map that frequencies are taken of.
        reduction: of the attention over channels.
    """

    def __init__(self, width: int, side: int, reduction: int):
        super().__init__()
        self.attend, self.narrow = FCSAttention(2 * width, side, reduction), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(B, C, H, W) twice -> (B, C, H, W)."""
        x = self.attend(torch.cat([x, skip], dim=1))
        return self.narrow(x.movedim(1, -1)).movedim(-1, 1)


@register
class MMUKAN(ImageMethod):
    """U-KAN with KAN stages at every scale, concatenated and weighted skips, and a second decoder.

    The first decoder is U-KAN's, with a KAN block at each scale. The second starts at the bottom again; its skips are
    the maps of the first.

    Args:
        text: not used.
        image_size: multiple of 32.
        widths: channels at 1/8, 1/16 and 1/32.
        stem: channels at 1/2 and 1/4; None: an eighth and a quarter of widths[0], as in the paper.
        reduction: of the attention over channels.
        kind, grid, span: of the KAN layers, see `baselines.layers.kan.kan`.
        kan_lr: learning rate of the KAN layers as a multiple of the others'; the official code trains with 100.
    """

    card = Card(
        name="mmukan",
        title="MM-UKAN++",
        year=2025,
        venue="IEEE TUFFC",
        link="https://github.com/670768312/MM-UKAN-Plus-Plus",
        uses_text=False,
        published="MM-UKAN++",
        published_params=9.9,
        deviations=(
            "The tables' 9.9 M omit the KAN weights; the true count is 28.15 M. The official code has another 2.5 M in "
            "convolutions of U-KAN's encoder that it builds but never runs.",
            "All layers share one learning rate; in the official code that of the KAN layers is 100 times as large "
            "(kan_lr).",
            "The convolutions of the KAN stages have PyTorch's initial weights; the official ones are drawn from a "
            "normal distribution scaled by their number of outputs, which is more than twice as wide for the depthwise "
            "ones.",
            "Images are in [0, 1]; U-KAN's loader, which the official code keeps, divides them by 255 a second time.",
            augmentation_note("flips and turns"),
        ),
    )
    sizes = {"paper": {"widths": (256, 320, 512)}, "tiny": {"widths": (32, 48, 64), "stem": (16, 24), "reduction": 2}}
    official_recipe: ClassVar[dict[str, Any]] = recipes.UKAN

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        widths: Sequence[int] = (256, 320, 512),
        stem: Sequence[int] | None = None,
        reduction: int = 16,
        kind: str = "spline",
        grid: int | None = None,
        span: tuple[float, float] | None = None,
        kan_lr: float = 1.0,
    ):
        super().__init__(text, image_size)
        require_multiple("mmukan", image_size, 32)
        deep = require_widths("mmukan", "widths", widths, 3)
        shallow = (deep[0] // 8, deep[0] // 4) if stem is None else tuple(stem)
        all_widths = (*require_widths("mmukan", "stem", shallow, 2), *deep)
        if any(2 * width % len(FREQUENCIES) for width in all_widths[:-1]):
            raise InputError(f"mmukan: stem and widths {list(all_widths)}: expected multiples of 8 above the last")
        if reduction < 1:
            raise InputError(f"mmukan: reduction {reduction} is less than 1; 16 is the paper's")
        self.kan_lr = kan_lr
        options: dict[str, Any] = {"kind": kind, "grid": grid, "span": span}
        self.encoder = nn.ModuleList(KANStage(a, b, **options) for a, b in pairwise((3, *all_widths)))
        steps = list(pairwise(all_widths[::-1]))
        side = FREQUENCY_SIDE
        self.first = nn.ModuleList(conv_block(a, a, b, bias=True) for a, b in steps)
        self.join = nn.ModuleList(Join(c, side, reduction) for _, c in steps)
        self.refine = nn.ModuleList(nn.Sequential(KANBlock(c, **options), ChannelNorm(c)) for _, c in steps)
        self.second = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in steps)
        self.join_again = nn.ModuleList(Join(c, side, reduction) for _, c in steps)
        last = all_widths[0]
        self.finish = conv_block(last, last, last, bias=True)
        self.head = nn.Conv2d(last, 1, 1)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        maps = [image]
        for stage in self.encoder:
            maps.append(stage(maps[-1]))
        *skips, bottom = maps[1:]
        x, decoded = bottom, []
        for step, join, refine in zip(self.first, self.join, self.refine, strict=True):
            x = F.relu(F.interpolate(step(x), scale_factor=2, mode="bilinear"))
            x = refine(join(x, skips.pop()))
            decoded.append(x)
        x = bottom
        for step, join, skip in zip(self.second, self.join_again, decoded, strict=True):
            x = join(F.relu(F.interpolate(step(x), scale_factor=2)), skip)
        return self.head(F.relu(F.interpolate(self.finish(x), scale_factor=2, mode="bilinear")))

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """One group, or two where the KAN layers have their own learning rate."""
        return kan_param_groups(self, lr, weight_decay, self.kan_lr)
