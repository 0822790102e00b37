"""BCAM: bidirectional cross-modal attention between the pixels of a feature map and the tokens of a prompt.

Source: "Towards Text-Mask Consistency in Medical Image Segmentation" (ICLR 2026), stage 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from baselines.errors import InputError
from baselines.layers.kan import kan, side_by_side

ATTENTIONS = ("one-way", "bcam")
LANGUAGE_SCALES = ("none", "pixels")


class BCAM(nn.Module):
    """One score matrix A = V_key L_key^T / sqrt(d), read in both directions.

    Vision-dominant: F_v = softmax over tokens (A) . L_value. Language-dominant: F_l = (mean over tokens of softmax
    over pixels (A^T)) * V_value, which keeps the pixel grid. All four projections are KAN layers.

    A softmax over P pixels leaves weights near 1/P, so F_l is about P times smaller than F_v; `language_scale="pixels"`
    multiplies it by P (weights near 1), "none" is the formula as printed. The mean runs over real tokens only: pads
    carry no words.

    Args:
        width: channels C of the feature map; also d.
        text_dim: width D of the text tokens.
        kind: KAN layer, see `baselines.layers.kan.kan` ("linear" and "mlp" are the paper's ablation).
        attention: "bcam" (both directions) or "one-way" (F_v alone, the ablation's row before BCAM).
        language_scale: "none" or "pixels".
        **options: of the KAN layers, see `baselines.layers.kan.kan`.
    """

    def __init__(
        self,
        width: int,
        text_dim: int,
        kind: str = "spline",
        attention: str = "bcam",
        language_scale: str = "none",
        **options: Any,
    ):
        super().__init__()
        if attention not in ATTENTIONS:
            raise InputError(f"c2seg: attention {attention!r} is unknown; take one of {', '.join(ATTENTIONS)} or none")
        if language_scale not in LANGUAGE_SCALES:
            raise InputError(
                f"c2seg: language_scale {language_scale!r} is unknown; take one of {', '.join(LANGUAGE_SCALES)}"
            )
        self.bidirectional = attention == "bcam"
        self.language_scale = language_scale
        self.vision_key = kan(kind, width, width, **options)
        self.text_key = kan(kind, text_dim, width, **options)
        self.text_value = kan(kind, text_dim, width, **options)
        if self.bidirectional:
            self.vision_value = kan(kind, width, width, **options)

    def project_vision(self, vision: Tensor) -> tuple[Tensor, Tensor | None]:
        """(B, P, C) flattened pixels -> keys and, for "bcam", values (B, P, C): no text in them, so once a picture."""
        if not self.bidirectional:
            return self.vision_key(vision), None
        key, value = side_by_side((self.vision_key, self.vision_value), vision)
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
            F_v (B, P, C), and F_l (B, P, C) or None for "one-way".
        """
        vision_key, vision_value = vision
        scores = vision_key @ key.transpose(1, 2) / vision_key.shape[-1] ** 0.5  # (B, P, N)
        # -1e4, not -inf: finite in half precision and for a prompt without a token, which then attends to nothing
        real = mask[:, None, :].to(scores.dtype)
        over_tokens = scores.masked_fill(~mask[:, None, :], -1e4).softmax(dim=2) * real
        vision_dominant = over_tokens @ value  # (B, P, C)
        if vision_value is None:
            return vision_dominant, None
        weight = (scores.softmax(dim=1) * real).sum(2, keepdim=True) / real.sum(2, keepdim=True).clamp_min(1)
        if self.language_scale == "pixels":
            weight = weight * vision_key.shape[1]
        return vision_dominant, weight * vision_value  # (B, P, 1) * (B, P, C)


def project_text(levels: Sequence[BCAM], tokens: Tensor, mask: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(U, N, D) tokens, (U, N) bool real -> keys and values (U, N, C) of every level, zero on pads.

    These are the widest KAN layers. On a CPU they see no pads; a GPU would have to wait for the host to leave them out.
    """
    layers = [layer for level in levels for layer in (level.text_key, level.text_value)]
    if tokens.device.type == "cpu":
        padded = [
            projected.new_zeros(*mask.shape, projected.shape[-1]).index_put((mask,), projected)
            for projected in side_by_side(layers, tokens[mask])
        ]
    else:
        padded = [projected.masked_fill(~mask[..., None], 0) for projected in side_by_side(layers, tokens)]
    return list(zip(padded[::2], padded[1::2], strict=True))
