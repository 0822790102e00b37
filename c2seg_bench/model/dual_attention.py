"""DualA: attention in both directions that updates the tokens; row (b) of C2Seg's ablation, the step before BCAM.

Source: "Towards Text-Mask Consistency in Medical Image Segmentation" (ICLR 2026), Table 3. The paper says that both
modalities attend to each other and that the tokens are updated; the order of the two and the projections are ours.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from baselines.layers.kan import kan
from c2seg_bench.model.bcam import SCORE_OF_PADS, on_real_tokens


class DualAttention(nn.Module):
    """Tokens attend to pixels and are updated, then pixels attend to the updated tokens.

    T' = T + Linear(softmax over pixels (A^T) V_value), F_v = softmax over tokens (A') T'_value, with the scores
    A = V_key T_key^T / sqrt(d), and A' likewise from T'. The projections are the same KAN layers as in BCAM, so that
    the next row of the ablation changes only the attention.

    Args:
        width: channels C of the feature map; also d.
        text_dim: width D of the text tokens.
        kind, **options: of the KAN layers, see `baselines.layers.kan.kan`.
    """

    def __init__(self, width: int, text_dim: int, kind: str = "spline", **options: Any):
        super().__init__()
        self.vision_key = kan(kind, width, width, **options)
        self.vision_value = kan(kind, width, width, **options)
        self.text_key = kan(kind, text_dim, width, **options)
        self.text_value = kan(kind, text_dim, width, **options)
        self.update = nn.Linear(width, text_dim)

    def project_vision(self, vision: Tensor) -> tuple[Tensor, Tensor]:
        """(B, P, C) flattened pixels -> keys and values (B, P, C), the same for every prompt of an image."""
        return self.vision_key(vision), self.vision_value(vision)

    def forward(self, vision: tuple[Tensor, Tensor], tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Attend in both directions.

        Args:
            vision: keys and values (B, P, C) from `project_vision`.
            tokens: (B, N, D).
            mask: (B, N) bool, True on real tokens.

        Returns:
            F_v (B, P, C), and the updated tokens (B, N, D).
        """
        key, value = vision
        scale, real = key.shape[-1] ** -0.5, mask[:, None, :]
        scores = scale * key @ on_real_tokens(self.text_key, tokens, mask).transpose(1, 2)  # (B, P, N)
        from_pixels = scores.softmax(dim=1).transpose(1, 2) @ value  # (B, N, C)
        tokens = tokens + self.update(from_pixels) * mask.unsqueeze(-1)
        scores = scale * key @ on_real_tokens(self.text_key, tokens, mask).transpose(1, 2)
        weights = scores.masked_fill(~real, SCORE_OF_PADS).softmax(dim=2) * real
        return weights @ on_real_tokens(self.text_value, tokens, mask), tokens
