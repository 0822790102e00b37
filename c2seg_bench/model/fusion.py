"""One level where C2Seg's pictures meet the words: BCAM, a K-Gate for each direction, a 1x1 convolution."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from baselines.layers.maps import ChannelNorm, to_map, to_tokens
from c2seg_bench.model.bcam import BCAM
from c2seg_bench.model.kgate import KGate


class Fusion(nn.Module):
    """F_out = Conv1x1([gate_v(F_v); gate_l(F_l)]), put in the place of the map it was made of.

    Args:
        width: channels C of the map.
        text_dim: width D of the tokens.
        attention, language_scale: see `BCAM`.
        gate: whether the directions are gated.
        kind, **options: of the KAN layers of both.
        residual: add F_out to the map instead of replacing it. The paper's text says neither; replacing is the
            literal reading, adding trains faster from scratch.
        norm: LayerNorm before attention and gates, so that the values lie where the splines are.

    The language path is the map's values times one weight a pixel, and a LayerNorm does not see what its input is
    multiplied by: a gate with `norm` behind the weights would take the words out again. With `norm` the values are
    therefore gated before they are weighed. That gate reads no words, and is computed once a picture.
    """

    def __init__(
        self,
        width: int,
        text_dim: int,
        attention: str,
        language_scale: str,
        gate: bool,
        kind: str,
        residual: bool,
        norm: bool,
        **options: Any,
    ):
        super().__init__()
        self.residual = residual
        self.norm = ChannelNorm(width) if norm else nn.Identity()
        self.attend = BCAM(width, text_dim, kind, attention, language_scale, **options)
        directions = 2 if self.attend.bidirectional else 1
        self.gates = nn.ModuleList(
            KGate(width, kind, norm, **options) if gate else nn.Identity() for _ in range(directions)
        )
        self.join = nn.Conv2d(directions * width, width, 1)
        self.gated_early = norm and gate and self.attend.bidirectional

    def project_image(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """(B, C, H, W) -> BCAM's keys and values of the map: the part of the fusion that has seen no text."""
        key, value = self.attend.project_vision(to_tokens(self.norm(x)))
        return key, self.gates[1](value) if self.gated_early else value

    def forward(
        self, x: Tensor, vision: tuple[Tensor, Tensor | None], key: Tensor, value: Tensor, mask: Tensor
    ) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W).

        Args:
            x: the map.
            vision: of the map, from `project_image`.
            key, value: (B, N, C), of the prompts, from `project_text`.
            mask: (B, N) bool, True on real tokens.
        """
        by_words, by_pixels = self.attend(vision, key, value, mask)
        gated = [self.gates[0](by_words)]
        if by_pixels is not None:
            gated.append(by_pixels if self.gated_early else self.gates[1](by_pixels))
        joined = self.join(to_map(torch.cat(gated, dim=2), *x.shape[-2:]))
        return x + joined if self.residual else joined
