"""A Swin transformer, stage by stage, so that a method can work between the stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from baselines.errors import InputError
from baselines.layers.maps import to_map
from baselines.layers.options import require_share, require_whole, require_widths
from baselines.layers.towers import load_tower, swin_config

Size = tuple[int, int]


def load_swin(
    method: str,
    width: int,
    depths: Sequence[int],
    heads: Sequence[int],
    window: int,
    drop_path: float,
    image_size: int,
    weights: str,
) -> Any:
    """A SwinModel with these options; with pretrained weights it has the options of these instead.

    Raises:
        InputError: no Swin can be built from these options, or the weights cannot be loaded.
    """
    _require_swin(method, width, depths, heads, window, drop_path)
    config = swin_config(width, depths, heads, window, drop_path, image_size)
    return load_tower("SwinModel", config, weights, f"{method}: weights", add_pooling_layer=False)


def _require_swin(
    method: str, width: int, depths: Sequence[int], heads: Sequence[int], window: int, drop_path: float
) -> None:
    depths, heads = require_widths(method, "depths", depths), require_widths(method, "heads", heads)
    if len(depths) != len(heads):
        raise InputError(f"{method}: depths {list(depths)} and heads {list(heads)}: expected as many of each")
    for i, count in enumerate(heads):
        if width < 1 or (width << i) % count:
            raise InputError(f"{method}: width {width << i} of stage {i + 1} is not a multiple of heads {count}")
    require_whole(method, "window", window)
    require_share(method, "drop_path", drop_path, whole=False)


class SwinStages(nn.Module):
    """The embedding and the stages of a SwinModel, without its last norm.

    Windows keep their size and maps are padded to a multiple of it, as in the Swin papers; transformers' own forward
    shrinks the windows to small maps, and then fails on the table of relative positions.

    Args:
        tower: a SwinModel, as `load_tower` gives it.
        shift_one_window: whether a map of one window is shifted like the others. Swin's code for classification does
            not shift it, its code for segmentation does.
    """

    def __init__(self, tower: Any, shift_one_window: bool):
        super().__init__()
        self.shift_one_window = shift_one_window
        self.embeddings = tower.embeddings
        self.layers = tower.encoder.layers
        self.widths = [tower.config.embed_dim * 2**i for i in range(len(self.layers))]

    def __len__(self) -> int:
        return len(self.layers)

    def embed(self, image: Tensor) -> tuple[Tensor, Size]:
        """(B, 3, H, W), standardised -> tokens (B, P, C) and their grid (H/4, W/4)."""
        tokens, size = self.embeddings(image)
        return tokens, size

    def stage(self, i: int, tokens: Tensor, size: Size) -> Tensor:
        """The blocks of stage i: (B, P, C), same shape."""
        for j, block in enumerate(self.layers[i].blocks):
            shifted = j % 2 == 1 and (self.shift_one_window or min(size) > block.window_size)
            block.shift_size = block.window_size // 2 if shifted else 0
            tokens = block(tokens, size, always_partition=True)[0]
        return tokens

    def halve(self, i: int, tokens: Tensor, size: Size) -> tuple[Tensor, Size]:
        """Patch merging after stage i: (B, P, C) -> (B, P/4, 2C) and the new grid. Not after the last stage."""
        return self.layers[i].downsample(tokens, size), ((size[0] + 1) // 2, (size[1] + 1) // 2)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Maps (B, C, H, W) of all stages, before each patch merging, at 1/4, 1/8, ... of the image."""
        tokens, size = self.embed(image)
        maps = []
        for i in range(len(self)):
            tokens = self.stage(i, tokens, size)
            maps.append(to_map(tokens, *size))
            if i + 1 < len(self):
                tokens, size = self.halve(i, tokens, size)
        return maps
