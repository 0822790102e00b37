"""Swin-Unet: a U-Net of Swin transformer blocks, without convolutions in encoder or decoder."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn

from baselines.contract import Card, ImageMethod, TextBatch, TextSpec, augmentation_note
from baselines.errors import InputError
from baselines.layers import recipes
from baselines.layers.maps import to_map
from baselines.layers.options import require_multiple, require_recipe
from baselines.layers.swin import Size, SwinStages, load_swin
from baselines.layers.towers import load_tower, standardise, swin_config
from baselines.losses import entropy_dice
from baselines.registry import register

PATCH = 4


class PatchExpand(nn.Module):
    """Each token becomes times x times finer ones: a linear layer, its channels laid out in space, LayerNorm.

    Args:
        width: channels of the coarse tokens.
        out: channels of the fine ones.
        times: how many times finer, per side.
    """

    def __init__(self, width: int, out: int, times: int):
        super().__init__()
        self.times = times
        self.grow, self.norm = nn.Linear(width, times * times * out, bias=False), nn.LayerNorm(out)

    def forward(self, tokens: Tensor, size: Size) -> tuple[Tensor, Size]:
        """(B, H*W, width) and (H, W) -> (B, t*H*t*W, out) and (t*H, t*W)."""
        (height, width), t = size, self.times
        x = self.grow(tokens).unflatten(2, (t, t, -1)).unflatten(1, (height, width))  # (B, H, W, t, t, out)
        return self.norm(x.transpose(2, 3).flatten(1, 4)), (t * height, t * width)


@register
class SwinUnet(ImageMethod):
    """Four Swin stages down, three up with skips, and an expansion of each token to its 4 x 4 pixels.

    Args:
        text: not used.
        image_size: multiple of 32.
        width: channels at 1/4; 2, 4 and 8 times as many below.
        depths: blocks of each stage; the decoder has as many as the encoder at the same scale.
        heads: of each stage.
        window: side of the windows, in tokens.
        drop_path: stochastic depth of the last block, linear from 0 at the first.
        weights: of a Swin of that width and heads, for the encoder and, mirrored, the decoder; its first blocks where
            it is deeper. "none", a name on the hub or a folder.
        recipe: "common" or "official" (0.4 cross entropy + 0.6 Dice of both classes).
    """

    card = Card(
        name="swinunet",
        title="Swin-Unet",
        year=2023,
        venue="ECCV Workshops",
        link="https://arxiv.org/abs/2105.05537",
        uses_text=False,
        published="Swin-Unet",
        published_params=82.3,
        deviations=(
            "27.17 M parameters with the official tiny widths and depths 2 2 2 2, against 82.3 M in the tables, which "
            "no configuration of the official code gives.",
            "The network starts from scratch unless weights are given: swin-tiny-patch4-window7-224 on the hub is the "
            "paper's. With weights, images are standardised as these expect, which the official code does not do.",
            "Maps whose size is not a multiple of the window are padded; the official code only takes 224 x 224 and "
            "windows of 7.",
            "Stochastic depth skips attention only, as in transformers; the paper's also skips the MLPs.",
            "The two classes' logits are returned as their difference, from one output channel.",
            augmentation_note("flips and rotates"),
        ),
    )
    sizes = {
        "paper": {},
        "tiny": {"width": 24, "depths": (1, 2, 2, 1), "heads": (1, 2, 4, 8), "window": 4, "drop_path": 0.0},
    }
    official_recipe: ClassVar[dict[str, Any]] = {**recipes.TRANSUNET, "lr": 0.05}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 96,
        depths: Sequence[int] = (2, 2, 2, 2),
        heads: Sequence[int] = (3, 6, 12, 24),
        window: int = 7,
        drop_path: float = 0.2,
        weights: str = "none",
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("swinunet", image_size, 32)
        self.official = require_recipe("swinunet", recipe)
        tower = load_swin("swinunet", width, depths, heads, window, drop_path, image_size, weights)
        _keep_first_blocks(tower, width, depths, heads)
        self.norm = tower.layernorm
        self.down = SwinStages(tower, shift_one_window=False)
        self.up = _decoder_blocks(self.down, tower.config, drop_path, image_size, weights != "none")
        widths = self.down.widths[::-1]
        self.expand = nn.ModuleList(PatchExpand(c, half, 2) for c, half in pairwise(widths))
        self.join = nn.ModuleList(nn.Linear(2 * c, c) for c in widths[1:])
        self.norm_up = nn.LayerNorm(widths[-1])
        self.finish = PatchExpand(widths[-1], widths[-1], PATCH)
        self.head = nn.Conv2d(widths[-1], 1, 1, bias=False)
        for new in (self.expand, self.join, self.finish, *([] if weights != "none" else [self.down, self.up])):
            _init_weights(new)
        side = image_size // PATCH
        for i, stage in enumerate(self.down.layers):
            _unshift_single_windows(stage.blocks, side >> i)
        for i, blocks in enumerate(self.up):
            _unshift_single_windows(blocks, side >> (len(self.up) - 1 - i))

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, 1, H, W): the text has no part in it."""
        x, size = self.down.embed(standardise(image))
        skips = []
        for i in range(len(self.down) - 1):
            skips.append(x)  # the official skips come before a stage's blocks, not after
            x, size = self.down.halve(i, self.down.stage(i, x, size), size)
        x = self.norm(self.down.stage(len(self.down) - 1, x, size))
        for expand, join, blocks in zip(self.expand, self.join, self.up, strict=True):
            x, size = expand(x, size)
            x = join(torch.cat([x, skips.pop()], dim=2))
            for block in cast(nn.ModuleList, blocks):
                x = block(x, size, always_partition=True)[0]
        x, size = self.finish(self.norm_up(x), size)
        return self.head(to_map(x, *size))

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the official one."""
        if self.official:
            return entropy_dice(self(image, text), target, 0.6)
        return super().loss(image, text, target)


def _init_weights(part: nn.Module) -> None:
    """As the official code starts: linear layers and position tables from a narrow normal distribution, no biases."""
    for module in part.modules():
        if isinstance(module, nn.Linear):
            nn.init.trunc_normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Conv2d):
            module.reset_parameters()
    for name, parameter in part.named_parameters():
        if name.endswith("relative_position_bias_table"):
            nn.init.trunc_normal_(parameter, std=0.02)


def _keep_first_blocks(tower: Any, width: int, depths: Sequence[int], heads: Sequence[int]) -> None:
    """Keep the first blocks of each stage, as the official code does with the weights of Swin-T, whose third has 6."""
    config = tower.config
    if (config.embed_dim, list(config.num_heads)) != (width, list(heads)):
        raise InputError(
            f"swinunet: weights of width {config.embed_dim} and heads {list(config.num_heads)}, expected {width} and "
            f"{list(heads)}; set width and heads to theirs"
        )
    if any(available < wanted for available, wanted in zip(config.depths, depths, strict=True)):
        raise InputError(f"swinunet: weights of depths {list(config.depths)} have fewer blocks than {list(depths)}")
    for stage, depth in zip(tower.encoder.layers, depths, strict=True):
        stage.blocks = stage.blocks[:depth]


def _decoder_blocks(
    down: SwinStages, config: Any, drop_path: float, image_size: int, pretrained: bool
) -> nn.ModuleList:
    """Blocks of the decoder, coarse to fine: the encoder's without its last stage, with weights of their own."""
    depths = [len(stage.blocks) for stage in down.layers]
    steps = max(1, sum(depths) - 1)
    last = drop_path * max(0, sum(depths[:-1]) - 1) / steps  # stochastic depth as in the encoder at the same scale
    heads = list(config.num_heads)[:-1]
    own = swin_config(config.embed_dim, depths[:-1], heads, config.window_size, last, image_size)
    tower = load_tower("SwinModel", own, "none", "swinunet: weights", add_pooling_layer=False)
    blocks = [stage.blocks for stage in tower.encoder.layers]
    if pretrained:
        for one, other in zip(blocks, down.layers, strict=False):
            one.load_state_dict(other.blocks.state_dict())
    return nn.ModuleList(reversed(blocks))


def _unshift_single_windows(blocks: Any, side: int) -> None:
    """No shift where one window covers the map: it would only cut the window apart."""
    for block in blocks:
        if side <= block.window_size:
            block.shift_size = 0
