"""TransUNet: a ResNet with group norm, a vision transformer on its coarsest map, and a U-Net decoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from torch import Tensor

from baselines.contract import Card, ImageMethod, TextBatch, TextSpec, augmentation_note
from baselines.errors import InputError
from baselines.layers import recipes
from baselines.layers.convolution import conv_block
from baselines.layers.options import require_heads, require_multiple, require_recipe, require_widths
from baselines.layers.skip_decoder import SkipDecoder
from baselines.losses import entropy_dice
from baselines.registry import register
from baselines.transunet.hybrid_backbone import GroupNormResNet, MapTransformer


@register
class TransUNet(ImageMethod):
    """R50 + ViT-B/16 with the cascaded upsampler of three skips.

    Args:
        text: not used.
        image_size: multiple of 16; the transformer's positions are made for it.
        stem: channels of the ResNet at 1/2.
        widths, depths: channels and blocks of its stages at 1/4, 1/8 and 1/16.
        groups: of its group norms.
        hidden, layers, heads: of the transformer.
        decoder: channels of the map that the decoder starts from, and of its four steps.
        dropout: of the transformer.
        recipe: "common" or "official" (half cross entropy, half Dice of both classes).
    """

    card = Card(
        name="transunet",
        title="TransUNet",
        year=2024,
        venue="Medical Image Analysis",
        link="https://arxiv.org/abs/2102.04306",
        uses_text=False,
        published="TransUNet",
        published_params=105.0,
        deviations=(
            "The network starts from scratch: the ImageNet-21k weights of R50+ViT-B/16, used in the paper, are not on "
            "the hub in a format that transformers can load.",
            "The two classes' logits are returned as their difference, from one output channel.",
            augmentation_note("flips and rotates"),
        ),
    )
    sizes = {
        "paper": {},
        "tiny": {
            "stem": 16,
            "widths": (32, 64, 128),
            "depths": (1, 1, 2),
            "groups": 8,
            "hidden": 96,
            "layers": 2,
            "heads": 4,
            "decoder": (64, 48, 32, 16, 8),
        },
    }
    official_recipe: ClassVar[dict[str, Any]] = recipes.TRANSUNET

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        stem: int = 64,
        widths: Sequence[int] = (256, 512, 1024),
        depths: Sequence[int] = (3, 4, 9),
        groups: int = 32,
        hidden: int = 768,
        layers: int = 12,
        heads: int = 12,
        decoder: Sequence[int] = (512, 256, 128, 64, 16),
        dropout: float = 0.1,
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("transunet", image_size, 16)
        widths, depths = (
            require_widths("transunet", name, given, 3) for name, given in (("widths", widths), ("depths", depths))
        )
        first, *steps = require_widths("transunet", "decoder", decoder, 5)
        require_heads("transunet", hidden, heads)
        _require_groups(stem, widths, groups)
        self.official = require_recipe("transunet", recipe)
        self.resnet = GroupNormResNet(stem, widths, depths, groups)
        self.transformer = MapTransformer(widths[-1], image_size // 16, hidden, layers, heads, dropout)
        self.leave = conv_block(hidden, first)
        self.up = SkipDecoder([*self.resnet.widths[:-1], first], steps, "aligned", head=3)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        if tuple(image.shape[-2:]) != (self.image_size, self.image_size):
            raise InputError(f"transunet: built for images of {self.image_size} pixels, got {tuple(image.shape[-2:])}")
        *skips, x = self.resnet(image)
        return self.up([*skips, self.leave(self.transformer(x))])

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the official one."""
        if self.official:
            return entropy_dice(self(image, text), target, 0.5)
        return super().loss(image, text, target)


def _require_groups(stem: int, widths: Sequence[int], groups: int) -> None:
    """Every group norm has its channels in whole groups; a bottleneck is a quarter of its stage."""
    inner = [width // 4 for width in widths]
    if groups < 1 or any(c < 1 or c % groups for c in (stem, *widths, *inner)) or any(width % 4 for width in widths):
        raise InputError(
            f"transunet: stem {stem} and widths {list(widths)} with groups {groups}: expected multiples of groups, "
            "and the quarter of each width one too"
        )
