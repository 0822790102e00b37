"""BCAM: bidirectional cross-modal attention between the pixels of a feature map and the tokens of a prompt.

Source: "Towards Text-Mask Consistency in Medical Image Segmentation" (ICLR 2026), stage 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from baselines.layers.kan import apply_each, kan
from baselines.layers.options import require_choice

LANGUAGE_SCALES = ("none", "pixels")
SCORE_OF_PADS = -1e4  # finite, for half precision and for a prompt without tokens


class BCAM(nn.Module):
    """Attention in both directions from one score matrix A = V_key L_key^T / sqrt(d).

    Vision-dominant: F_v = softmax over tokens (A) . L_value. Language-dominant: F_l = (mean over tokens of softmax
    over pixels (A^T)) * V_value, which keeps the pixel grid. All four projections are KAN layers.

    A softmax over P pixels leaves weights near 1/P, so F_l is about P times smaller than F_v; `language_scale="pixels"`
    multiplies it by P (weights near 1), "none" is the formula as printed. The mean runs over real tokens only.

    Args:
        width: channels C of the feature map; also d.
        text_dim: width D of the text tokens.
        kind: KAN layer, see `baselines.layers.kan.kan` ("linear" and "mlp" are the paper's ablation).
        bidirectional: False leaves F_l out.
        language_scale: "none" or "pixels".
        no_target_token: a learned token that pixels can attend to instead of the words; the only token of an empty
            prompt. The paper has none.
        **options: of the KAN layers, see `baselines.layers.kan.kan`.
    """

    def __init__(
        self,
        width: int,
        text_dim: int,
        kind: str = "spline",
        bidirectional: bool = True,
        language_scale: str = "none",
        no_target_token: bool = False,
        **options: Any,
    ):
        super().__init__()
        self.bidirectional = bidirectional
        self.language_scale = require_choice("c2seg", "language_scale", language_scale, LANGUAGE_SCALES)
        self.vision_key = kan(kind, width, width, **options)
        self.text_key = kan(kind, text_dim, width, **options)
        self.text_value = kan(kind, text_dim, width, **options)
        if bidirectional:
            self.vision_value = kan(kind, width, width, **options)
        self.no_target = nn.Parameter(0.02 * torch.randn(2, width)) if no_target_token else None  # key and value

    def project_vision(self, vision: Tensor) -> tuple[Tensor, Tensor | None]:
        """(B, P, C) flattened pixels -> keys and values (B, P, C), the same for every prompt of an image.

        The values are None without the language-dominant direction.
        """
        if not self.bidirectional:
            return self.vision_key(vision), None
        key, value = apply_each((self.vision_key, self.vision_value), vision)
        return key, value

    def forward(
        self, vision: tuple[Tensor, Tensor | None], key: Tensor, value: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Args:
            vision: keys and values (B, P, C) from `project_vision`.
            key, value: (B, N, C) of the prompts, from `project_text`.
            mask: (B, N) bool, True on real tokens.

        Returns:
            F_v (B, P, C), and F_l (B, P, C) or None.
        """
        vision_key, vision_value = vision
        scores = vision_key @ key.transpose(1, 2) / vision_key.shape[-1] ** 0.5  # (B, P, N)
        vision_dominant = self._from_tokens(vision_key, scores, value, mask)
        if vision_value is None:
            return vision_dominant, None
        real = mask[:, None, :].to(scores.dtype)
        weight = (scores.softmax(dim=1) * real).sum(2, keepdim=True) / real.sum(2, keepdim=True).clamp_min(1)
        if self.language_scale == "pixels":
            weight = weight * vision_key.shape[1]
        return vision_dominant, weight * vision_value  # (B, P, 1) * (B, P, C)

    def _from_tokens(self, vision_key: Tensor, scores: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """F_v (B, P, C): the tokens' values weighted for each pixel, with the no-target token if there is one."""
        if self.no_target is not None:
            key, own_value = self.no_target.to(scores.dtype)
            own_scores = vision_key @ key / vision_key.shape[-1] ** 0.5  # (B, P)
            scores = torch.cat([scores, own_scores.unsqueeze(2)], dim=2)
            value = torch.cat([value, own_value.expand(len(value), 1, -1)], dim=1)
            mask = nn.functional.pad(mask, (0, 1), value=True)
        real = mask[:, None, :].to(scores.dtype)
        return (scores.masked_fill(~mask[:, None, :], SCORE_OF_PADS).softmax(dim=2) * real) @ value


def project_text(levels: Sequence[BCAM], tokens: Tensor, mask: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Keys and values (U, N, C) of the prompts for every level, zero on pads.

    These are the widest KAN layers. On a CPU they skip the pads; a GPU would have to wait for the host to do so.

    Args:
        levels: the attentions.
        tokens: (U, N, D).
        mask: (U, N) bool, True on real tokens.
    """
    layers = [layer for level in levels for layer in (level.text_key, level.text_value)]
    projected = _on_real_tokens(lambda rows: apply_each(layers, rows), tokens, mask)
    return list(zip(projected[::2], projected[1::2], strict=True))


def on_real_tokens(layer: nn.Module, tokens: Tensor, mask: Tensor) -> Tensor:
    """A layer applied to the tokens: (B, N, D) -> (B, N, C), zero on pads."""
    return _on_real_tokens(lambda rows: [layer(rows)], tokens, mask)[0]


def _on_real_tokens(layers: Callable[[Tensor], list[Tensor]], tokens: Tensor, mask: Tensor) -> list[Tensor]:
    if tokens.device.type != "cpu":
        return [projected.masked_fill(~mask[..., None], 0) for projected in layers(tokens)]
    return [
        projected.new_zeros(*mask.shape, projected.shape[-1]).index_put((mask,), projected)
        for projected in layers(tokens[mask])
    ]
