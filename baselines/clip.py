"""CLIP: its vision transformer, patches scaled by the prompt, and a decoder from the patches to a mask."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.layers.maps import to_map
from baselines.layers.options import require_heads, require_multiple
from baselines.layers.patch_decoder import GrowDecoder
from baselines.layers.towers import load_tower, standardise
from baselines.registry import register


@register
class CLIP(Method):
    """CLIP's image tower with the pooled prompt and a convolutional decoder.

    Args:
        text: of the frozen encoder, whose pooled vector is read.
        image_size: multiple of the patch.
        hidden, depth, heads, patch: of the vision transformer; ignored if weights are given.
        width: channels of the decoder at the patches' scale; a multiple of the patch.
        weights: "none", a name on the hub or a folder.
    """

    card = Card(
        name="clip",
        title="CLIP",
        year=2021,
        venue="ICML",
        link="https://arxiv.org/abs/2103.00020",
        uses_text=True,
        published="CLIP",
        published_params=87.0,
        deviations=(
            "CLIP produces no masks, and neither LViT's paper nor its code, the source of the row, says how it was "
            "made to. ViT-B/16, each patch's channels scaled by the pooled prompt, and the decoder are our reading. "
            "Its 87.0 M (thop) match the published count, which leaves room for little more than an image tower.",
            "The text tower is the benchmark's frozen encoder; with text encoder clip it is CLIP's own.",
            "The image tower starts from scratch unless weights are given (openai/clip-vit-base-patch16); without them "
            "the result owes nothing to CLIP's pretraining.",
            "The last norm is applied to all patches; CLIP uses only its class token.",
        ),
    )
    sizes = {"paper": {}, "tiny": {"hidden": 64, "depth": 4, "heads": 4, "patch": 8, "width": 80}}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        hidden: int = 768,
        depth: int = 12,
        heads: int = 12,
        patch: int = 16,
        width: int = 320,
        weights: str = "none",
    ):
        super().__init__(text, image_size)
        require_heads("clip", hidden, heads)
        config = _config(hidden, depth, heads, patch, image_size)
        self.tower = load_tower("CLIPVisionModel", config, weights, "clip: weights")
        self.patch = self.tower.config.patch_size
        require_multiple("clip", image_size, self.patch)
        self.see = nn.Linear(self.tower.config.hidden_size, width)
        self.read = nn.Linear(text.dim, width)
        self.decoder = GrowDecoder("clip", width, self.patch)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> map of the patches (B, width, H/patch, W/patch)."""
        tower = self.tower
        tokens = tower(standardise(image, "clip"), interpolate_pos_encoding=True).last_hidden_state[:, 1:]
        size = (image.shape[-2] // self.patch, image.shape[-1] // self.patch)
        return to_map(self.see(tower.post_layernorm(tokens)), *size)

    def decode(self, features: Tensor, text: TextBatch) -> Tensor:
        """Each channel of the patches is scaled by 1 + a linear function of the prompt, then decoded."""
        pooled = F.layer_norm(text.pooled, text.pooled.shape[-1:])  # encoders differ in the length of their vectors
        return self.decoder(features * (1 + self.read(pooled))[..., None, None])


def _config(hidden: int, depth: int, heads: int, patch: int, image_size: int) -> Any:
    from transformers import CLIPVisionConfig

    return CLIPVisionConfig(
        hidden_size=hidden,
        intermediate_size=4 * hidden,
        num_hidden_layers=depth,
        num_attention_heads=heads,
        patch_size=patch,
        image_size=max(image_size, patch),
    )
