"""MMI-UNet: a ConvNeXt with attention between image and words after each stage, and a U-Net decoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec, augmentation_note
from baselines.layers.convolution import conv_block
from baselines.layers.maps import to_map, to_tokens
from baselines.layers.options import require_heads, require_multiple, require_recipe, require_tokens, require_widths
from baselines.layers.prompt_tokens import readable
from baselines.layers.towers import convnext_config, load_tower
from baselines.losses import SMOOTH, bce_dice
from baselines.registry import register

HIDDEN = 128  # of the MLPs in the bridges, whatever the width


class Bridge(nn.Module):
    """A map at half its size and the words attend to each other; the results are added to both.

    Args:
        width: channels C of the map.
        dim: width D of the words.
        heads: of attention; divides width.
        back: whether the words attend to the map, too.
    """

    def __init__(self, width: int, dim: int, heads: int, back: bool):
        super().__init__()
        self.shrink = nn.Conv2d(width, width, 2, stride=2, bias=False)
        self.narrow = nn.Linear(dim, width)
        self.norm_map, self.norm_words = nn.LayerNorm(width), nn.LayerNorm(width)
        self.to_pixels = nn.TransformerDecoderLayer(width, heads, HIDDEN, dropout=0.1, batch_first=True)
        self.grow = nn.ConvTranspose2d(width, width, 2, stride=2, bias=False)
        if back:
            self.to_words = nn.TransformerDecoderLayer(width, heads, HIDDEN, dropout=0.1, batch_first=True)
            self.widen = nn.Linear(width, dim)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as the official code: deviation 0.02 and no bias in linear layers, fan-out in convolutions."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
            elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor, words: Tensor, mask: Tensor, back: bool) -> tuple[Tensor, Tensor]:
        """Map (B, C, H, W) and words (B, N, D) with mask (B, N) -> both, with the result of attention added.

        Without `back` the words are returned unchanged.
        """
        small = self.shrink(x)
        pixels, tokens = self.norm_map(to_tokens(small)), self.norm_words(self.narrow(words))
        attended = to_map(self.to_pixels(pixels, tokens, memory_key_padding_mask=~mask), *small.shape[-2:])
        x = x + self.grow(attended, output_size=x.shape[-2:])  # an odd side was rounded down
        if back:
            words = words + self.widen(self.to_words(tokens, pixels, tgt_key_padding_mask=~mask))
        return x, words


class Rise(nn.Module):
    """Twice the size, the skip beside it, a 3x3 convolution: (B, 2C, h, w) and (B, C, 2h, 2w) -> (B, C, 2h, 2w)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.grow = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        self.mix = conv_block(2 * outputs, outputs, bias=True)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(B, 2C, h, w) and the skip (B, C, 2h, 2w) -> (B, C, 2h, 2w)."""
        return self.mix(torch.cat([self.grow(x), skip], dim=1))


class SubpixelHead(nn.Sequential):
    """(B, C, h, w) -> logits (B, 1, 4h, 4w): 3x3 convolution, pixel shuffle, mean over 4x4 against its grid, 1x1."""

    def __init__(self, inputs: int, outputs: int):
        smooth = [nn.ZeroPad2d((3, 0, 3, 0)), nn.AvgPool2d(4, stride=1)]
        grow = [nn.Conv2d(inputs, 16 * outputs, 3, padding=1), nn.PixelShuffle(4), *smooth]
        super().__init__(*grow, nn.Conv2d(outputs, 1, 1))


@register
class MMIUNet(Method):
    """ConvNeXt stages with bridges between map and words; skips are the maps after their bridges.

    Args:
        text: the frozen encoder's dimensions.
        image_size: multiple of 32, 64 at least.
        widths, depths: of the four stages; widths are multiples of heads; ignored with pretrained weights.
        heads: of the bridges.
        tokens: tokens read of a prompt; 24 in the paper; None: all.
        layer_scale: first value of the stages' layer scales.
        weights: "none", or a ConvNeXt's name on the hub or folder, such as facebook/convnext-tiny-224.
        unread: whether the last bridge also attends from the words, as in the official code; the result is not used.
        recipe: "common" (`bce_dice`) or "official" (the loss of the published code).
    """

    card = Card(
        name="mmiunet",
        title="MMI-UNet",
        year=2024,
        venue="MICCAI",
        link="https://github.com/nguyenpbui/MMI-UNet",
        uses_text=True,
        published="MMIUNet",
        published_params=56.2,
        deviations=(
            "Text comes from the benchmark's frozen encoder; the paper's is CXR-BERT. Size paper reads the first 24 "
            "tokens as the paper does; size tiny reads all.",
            "Padding is masked; the published code attends to it.",
            "The published 56.2 M are the trained parameters, without the frozen CXR-BERT. 5.5 M of them lead from the "
            "last stage back to the words, and their result is not used: size paper has them, size tiny does not "
            "(option unread). Another 1.2 M, most likely projection heads that never run, are not built.",
            "The ConvNeXt starts from scratch unless weights are given; the published code starts from ConvNeXt-T "
            "trained on ImageNet-22k. facebook/convnext-tiny-224, used in the paper's suites, was trained on "
            "ImageNet-1k.",
            "Without weights, size tiny has a layer scale of 1, not 1e-6.",
            "The official cosine schedule spans 200 epochs, of which the published configuration trains 100. Early "
            "stopping watches the validation loss in that code, the validation Dice here.",
            "The official loss applies a cross entropy for logits to probabilities; recipe official keeps this, recipe "
            "common does not.",
            augmentation_note("zooms into"),
        ),
    )
    sizes = {
        "paper": {"tokens": 24, "unread": True},
        "tiny": {"widths": (16, 32, 64, 128), "depths": (1, 1, 2, 1), "heads": 4, "layer_scale": 1.0},
    }
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adamw",
        "lr": 0.0003,
        "min_lr": 1e-06,
        "period": 200,
        "weight_decay": 0.01,
        "batch": 32,
        "epochs": 100,
        "patience": 20,
    }

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        widths: Sequence[int] = (96, 192, 384, 768),
        depths: Sequence[int] = (3, 3, 9, 3),
        heads: int = 8,
        tokens: int | None = None,
        layer_scale: float = 1e-6,
        weights: str = "none",
        unread: bool = False,
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("mmiunet", image_size, 32, least=64)  # a bridge halves the last stage once more
        self.official = require_recipe("mmiunet", recipe)
        self.token_limit = require_tokens("mmiunet", tokens)
        config = convnext_config(
            require_widths("mmiunet", "widths", widths, 4), require_widths("mmiunet", "depths", depths, 4)
        )
        config.layer_scale_init_value = layer_scale
        self.tower = load_tower("ConvNextModel", config, weights, "mmiunet: weights")
        self.tower.layernorm = nn.Identity()  # of the classifier
        scales = self.tower.config.hidden_sizes
        for width in scales:
            require_heads("mmiunet", width, heads)
        self.bridges = nn.ModuleList(
            Bridge(width, text.dim, heads, back=i < 3 or unread) for i, width in enumerate(scales)
        )
        self.rise = nn.ModuleList(Rise(a, b) for a, b in zip(scales[:0:-1], scales[-2::-1], strict=True))
        self.head = SubpixelHead(scales[0], scales[0] // 4)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> the first stage's map (B, C, H/4, W/4); from then on the words are in it."""
        deviation, mean = torch.std_mean(image, dim=(2, 3), keepdim=True, correction=0)
        image = (image - mean) / deviation.clamp_min(1e-3)  # per image and channel, as the official loader does
        return self.tower.encoder.stages[0](self.tower.embeddings(image))

    def decode(self, features: Tensor, text: TextBatch) -> Tensor:
        """Stages and bridges in turn, then up with the bridged maps as skips."""
        text = readable(text, self.token_limit)
        x, words, maps = features, text.tokens, []
        for i, bridge in enumerate(self.bridges):
            if i:
                x = self.tower.encoder.stages[i](x)
            bridged, bridged_words = bridge(x, words, text.mask, back=i < 3)
            x, words = bridged + x, text.tokens + bridged_words
            maps.append(bridged)
        x = maps.pop()
        for rise in self.rise:
            x = rise(x, maps.pop())
        return self.head(x)

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the published code's."""
        return (dice_of_twice_squashed if self.official else bce_dice)(self(image, text), target)


def dice_of_twice_squashed(logits: Tensor, target: Tensor) -> Tensor:
    """Soft Dice loss per image of p = sigmoid(logits), plus the cross entropy that takes p for a logit.

    What MONAI's DiceCELoss gives for one channel of probabilities. Scalar float32, 0.31 at the least.
    """
    p, target = logits.float().sigmoid(), target.float()
    overlap, mass = (p * target).flatten(1).sum(1), (p + target).flatten(1).sum(1)
    dice = (2 * overlap + SMOOTH) / (mass + SMOOTH)
    return 1 - dice.mean() + F.binary_cross_entropy_with_logits(p, target)
