"""ViLT: words and patches in one transformer, and a decoder from the patches to a mask."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.layers.maps import to_map
from baselines.layers.options import require_heads, require_multiple
from baselines.layers.patch_decoder import GrowDecoder
from baselines.layers.towers import load_tower, require_vocab, standardise
from baselines.registry import register

POSITIONS = 40  # of words in the paper
FAR = -1e4  # added to the score of a pad; its softmax is 0 in all precisions


@register
class ViLT(Method):
    """Vision-and-language transformer without convolution or region supervision: a single stream.

    Args:
        text: of the frozen encoder, whose token ids and vocabulary are read; the word vectors are trained.
        image_size: multiple of the patch.
        hidden, depth, heads, patch: of the transformer; ignored if weights are given.
        width: channels of the decoder at the patches' scale; a multiple of the patch.
        dropout: in the transformer.
        weights: "none", a name on the hub or a folder.
    """

    card = Card(
        name="vilt",
        title="ViLT",
        year=2021,
        venue="ICML",
        link="https://arxiv.org/abs/2102.03334",
        uses_text=True,
        published="ViLT",
        published_params=87.4,
        deviations=(
            "ViLT produces no masks, and neither LViT's paper nor its code, the source of the row, says how it was "
            "made to. The decoder on the patches' last states is ours (1 M); the published 87.4 M are the bare "
            "ViLT-B/32 without its tables of words and positions.",
            "The transformer starts from scratch unless weights are given: dandelin/vilt-b32-mlm has the paper's.",
            "There are more word positions if a prompt is longer than the paper's 40 tokens; with pretrained weights "
            "it is cut at 40 (see token_limit).",
            "All patches are used, in order; the paper samples 200 of large images.",
        ),
    )
    sizes = {"paper": {}, "tiny": {"hidden": 64, "depth": 4, "heads": 4, "patch": 8, "width": 64}}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        hidden: int = 768,
        depth: int = 12,
        heads: int = 12,
        patch: int = 32,
        width: int = 256,
        dropout: float = 0.0,
        weights: str = "none",
    ):
        super().__init__(text, image_size)
        require_heads("vilt", hidden, heads)
        config = _config(text, hidden, depth, heads, patch, image_size, dropout)
        self.tower = load_tower("ViltModel", config, weights, "vilt: weights", add_pooling_layer=False)
        require_vocab(self.tower, text, weights, "vilt: weights")
        self.token_limit = self.tower.config.max_position_embeddings
        self.patch = self.tower.config.patch_size
        require_multiple("vilt", image_size, self.patch)
        self.see = nn.Linear(self.tower.config.hidden_size, width)
        self.decoder = GrowDecoder("vilt", width, self.patch)

    def encode_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> embeddings of the class token and the patches (B, 1 + P, hidden), with their positions.

        transformers' own shuffles the patches, from the global generator.
        """
        embed = self.tower.embeddings
        x = embed.patch_embeddings(standardise(image, "half"))  # (B, hidden, h, w)
        first, table = embed.position_embeddings[:, :1], embed.position_embeddings[:, 1:]
        side = round(table.shape[1] ** 0.5)
        places = F.interpolate(to_map(table, side, side), size=x.shape[-2:], mode="bilinear", align_corners=True)
        patches = (x + places).flatten(2).transpose(1, 2)
        start = (embed.cls_token + first).expand(len(x), -1, -1)
        return embed.dropout(torch.cat([start, patches], dim=1)) + embed.token_type_embeddings.weight[1]

    def decode(self, features: Tensor, text: TextBatch) -> Tensor:
        """Words and patches go through the transformer together; the patches are grown."""
        ids, mask = text.ids[:, : self.token_limit], text.mask[:, : self.token_limit]
        words = (
            self.tower.embeddings.text_embeddings(input_ids=ids) + self.tower.embeddings.token_type_embeddings.weight[0]
        )
        pads = F.pad(~mask, (0, features.shape[1]))  # (B, N + 1 + P), False on real tokens and patches
        scores = torch.zeros_like(pads, dtype=features.dtype).masked_fill(pads, FAR)[:, None, None]
        tokens = self.tower.encoder(torch.cat([words, features], dim=1), attention_mask=scores).last_hidden_state
        patches = self.tower.layernorm(tokens[:, words.shape[1] + 1 :])
        side = self.image_size // self.patch
        return self.decoder(to_map(self.see(patches), patches.shape[1] // side, side))


def _config(text: TextSpec, hidden: int, depth: int, heads: int, patch: int, image_size: int, dropout: float) -> Any:
    from transformers import ViltConfig

    return ViltConfig(
        vocab_size=text.vocab,
        hidden_size=hidden,
        num_hidden_layers=depth,
        num_attention_heads=heads,
        intermediate_size=4 * hidden,
        max_position_embeddings=max(POSITIONS, text.length),
        patch_size=patch,
        image_size=max(image_size, patch),
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
