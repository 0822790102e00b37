"""The stages of a ResNet as a pyramid of maps, for decoders with skips."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from baselines.layers.options import require_choice, require_whole
from baselines.layers.towers import RESNETS, load_tower, resnet_config


class ResNetPyramid(nn.Module):
    """Stem and first `stages` stages of a ResNet; `widths` has the channels at 1/2, 1/4, ... of the image.

    Args:
        size, width: see `resnet_config`; ignored if weights are given.
        weights: "none", a name on the hub or a folder.
        method: name, for messages.
        stages: how many of the four are kept.
    """

    def __init__(self, size: str, width: int, weights: str, method: str, stages: int = 4):
        super().__init__()
        require_choice(method, "resnet", size, tuple(RESNETS))
        require_whole(method, "stem", width)
        tower: Any = load_tower("ResNetModel", resnet_config(size, width), weights, f"{method}: weights")
        self.stem, self.pool = tower.embedder.embedder, tower.embedder.pooler
        self.stages = tower.encoder.stages[:stages]
        self.widths = [tower.config.embedding_size, *tower.config.hidden_sizes[:stages]]

    def forward(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W), standardised -> maps (B, widths[i], H / 2^(i+1), W / 2^(i+1))."""
        maps = [self.stem(image)]
        x = self.pool(maps[0])
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps
