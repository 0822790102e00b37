"""Fusing text into one feature map: attention, a K-Gate for each direction, a 1x1 convolution."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from baselines.layers.maps import ChannelNorm, to_map, to_tokens
from c2seg_bench.model.bcam import BCAM
from c2seg_bench.model.dual_attention import DualAttention
from c2seg_bench.model.kgate import KGate


class Fusion(nn.Module):
    """F_out = Conv1x1([gate_v(F_v); gate_l(F_l)]), added to the map that it was made from.

    Args:
        width: channels C of the map.
        text_dim: width D of the tokens.
        attention: "bcam", "one-way" (BCAM's F_v alone) or "dual" (`DualAttention`).
        gate: whether the directions are gated.
        kind, **options: of the KAN layers of attention and gates.
        residual: False replaces the map by F_out. The public parts of the paper allow both, but then the image has
            almost no influence on the mask through the fused levels.
        norm: LayerNorm before attention and gates, so that values are in the range of the splines.
        language_scale, no_target_token: see `BCAM`.

    The language path multiplies the map's values by one weight per pixel, and a LayerNorm removes such factors: a gate
    with `norm` after the weights would cancel the text. With `norm` the values are therefore gated before they are
    weighted. That gate does not depend on the text, and is computed once per image.
    """

    def __init__(
        self,
        width: int,
        text_dim: int,
        *,
        attention: str,
        gate: bool,
        kind: str,
        residual: bool,
        norm: bool,
        language_scale: str,
        no_target_token: bool,
        **options: Any,
    ):
        super().__init__()
        self.residual = residual
        self.norm = ChannelNorm(width) if norm else nn.Identity()
        directions = 2 if attention == "bcam" else 1
        self.attend: BCAM | DualAttention
        if attention == "dual":
            self.attend = DualAttention(width, text_dim, kind, **options)
        else:
            self.attend = BCAM(width, text_dim, kind, directions == 2, language_scale, no_target_token, **options)
        self.gates = nn.ModuleList(
            KGate(width, kind, norm, **options) if gate else nn.Identity() for _ in range(directions)
        )
        self.join = nn.Conv2d(directions * width, width, 1)
        self.gated_early = norm and gate and directions == 2

    def project_image(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """(B, C, H, W) -> keys and values of the map: the part of the fusion that does not depend on the text."""
        key, value = self.attend.project_vision(to_tokens(self.norm(x)))
        return key, self.gates[1](value) if self.gated_early else value

    def forward(self, x: Tensor, vision_dominant: Tensor, language_dominant: Tensor | None = None) -> Tensor:
        """Fuse.

        Args:
            x: (B, C, H, W), the map.
            vision_dominant: (B, P, C), F_v of the attention.
            language_dominant: (B, P, C), F_l, if the attention has it.

        Returns:
            (B, C, H, W).
        """
        gated = [self.gates[0](vision_dominant)]
        if language_dominant is not None:
            gated.append(language_dominant if self.gated_early else self.gates[1](language_dominant))
        joined = self.join(to_map(torch.cat(gated, dim=2), *x.shape[-2:]))
        return x + joined if self.residual else joined
