"""U-KAN: a small U-Net whose two deepest stages are KAN layers on tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, ImageMethod, TextSpec, augmentation_note
from baselines.layers import recipes
from baselines.layers.convolution import conv_block
from baselines.layers.kan import KANBlock, KANStage, kan_param_groups
from baselines.layers.maps import ChannelNorm
from baselines.layers.options import require_multiple, require_widths
from baselines.registry import register


@register
class UKAN(ImageMethod):
    """Three convolutional stages, two KAN stages, a mirrored decoder; skips are added, not concatenated.

    Args:
        text: not used.
        image_size: multiple of 32.
        widths: channels at 1/8, 1/16 and 1/32.
        stem: channels at 1/2 and 1/4; None: an eighth and a quarter of widths[0], as in the paper.
        kind, grid, span: of the KAN layers, see `baselines.layers.kan.kan`.
        kan_lr: learning rate of the KAN layers as a multiple of the others'; the official code trains with 100.
    """

    card = Card(
        name="ukan",
        title="U-KAN",
        year=2025,
        venue="AAAI",
        link="https://arxiv.org/abs/2406.02918",
        uses_text=False,
        published="UKAN",
        published_params=9.4,
        deviations=(
            "Size paper has the code's default widths 256/320/512, for which the tables report 9.4 M: the counting "
            "tool misses the KAN weights, the true count is 25.36 M. Size small has the U-KAN paper's own 128/160/256.",
            "Images are in [0, 1]; the official loader divides normalised images by 255 a second time.",
            "All layers share one learning rate; the official factor of 100 for KAN layers (option kan_lr) is "
            "unstable.",
            "The convolutions of the KAN stages have PyTorch's initial weights; the official ones are drawn from a "
            "normal distribution scaled by their number of outputs, which is more than twice as wide for the depthwise "
            "ones.",
            augmentation_note("flips and turns"),
        ),
    )
    sizes = {
        "paper": {"widths": (256, 320, 512)},
        "small": {"widths": (128, 160, 256)},
        "tiny": {"widths": (64, 96, 128)},
    }
    official_recipe: ClassVar[dict[str, Any]] = recipes.UKAN

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        widths: Sequence[int] = (256, 320, 512),
        stem: Sequence[int] | None = None,
        kind: str = "spline",
        grid: int | None = None,
        span: tuple[float, float] | None = None,
        kan_lr: float = 1.0,
    ):
        super().__init__(text, image_size)
        require_multiple(self.card.name, image_size, 32)
        c3, c4, c5 = require_widths(self.card.name, "widths", widths, 3)
        c1, c2 = require_widths(self.card.name, "stem", (max(1, c3 // 8), max(1, c3 // 4)) if stem is None else stem, 2)
        self.kan_lr = kan_lr
        self.map_widths = (c1, c2, c3, c4, c5)  # channels of the maps of `pyramid`
        options: dict[str, Any] = {"kind": kind, "grid": grid, "span": span}
        convolved = [conv_block(a, b, b, bias=True) for a, b in ((3, c1), (c1, c2), (c2, c3))]
        self.encoder = nn.ModuleList(nn.Sequential(block, nn.MaxPool2d(2)) for block in convolved)
        self.kan_encoder = nn.ModuleList([KANStage(c3, c4, **options), KANStage(c4, c5, **options)])
        steps = ((c5, c4), (c4, c3), (c3, c2), (c2, c1), (c1, c1))
        self.decoder = nn.ModuleList(conv_block(a, a, b, bias=True) for a, b in steps)
        refined = [nn.Sequential(KANBlock(width, **options), ChannelNorm(width)) for width in (c4, c3)]
        self.refine = nn.ModuleList([*refined, nn.Identity(), nn.Identity()])
        self.head = nn.Conv2d(c1, 1, 1)

    def pyramid(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> five maps, at 1/2 to 1/32 of the image's size."""
        maps = [image]
        for stage in (*self.encoder, *self.kan_encoder):
            maps.append(stage(maps[-1]))
        return maps[1:]

    def restore(self, maps: Sequence[Tensor]) -> Tensor:
        """Five maps -> logits (B, 1, H, W)."""
        *skips, x = maps
        for block, refine, skip in zip(self.decoder, self.refine, reversed(skips), strict=False):
            x = refine(_doubled(block(x)) + skip)
        # the official head comes after enlarging; pixel by pixel it is the same, at four times the work
        return _doubled(self.head(self.decoder[-1](x)))

    def encode_image(self, image: Tensor) -> Any:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        return self.restore(self.pyramid(image))

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """One group, or two where the KAN layers have their own learning rate."""
        return kan_param_groups(self, lr, weight_decay, self.kan_lr)


def _doubled(x: Tensor) -> Tensor:
    """Bilinear to twice the size. The official decoder has a ReLU behind it, where nothing is below 0 any more."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
