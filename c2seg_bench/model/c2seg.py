"""C2Seg: U-KAN's encoder and decoder with BCAM and K-Gate between them, pretrained by CaCL."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from baselines.contract import Card, TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers.options import require_choice, require_positive
from baselines.registry import register
from baselines.ukan import UKAN
from c2seg_bench.model.bcam import project_text
from c2seg_bench.model.cacl import cacl_loss, gathered
from c2seg_bench.model.fusion import Fusion

LEVELS = (2, 4, 8, 16, 32)
ATTENTIONS = ("none", "one-way", "dual", "bcam")


@register
class C2Seg(UKAN):
    """Towards Text-Mask Consistency in Medical Image Segmentation (ICLR 2026). No official code exists.

    Args:
        text: of the frozen encoder.
        image_size: multiple of 32.
        widths, stem: of the U-KAN, see `UKAN`.
        kind, grid, span: of all KAN layers, see `UKAN`.
        attention: "bcam"; "dual", attention in both directions that updates the tokens (row b of the ablation,
            "+DualA"); "one-way", the vision-dominant path of BCAM alone; or "none", no text (row a).
        levels: scales at which the text is fused into the maps: 8 is 1/8 of the image's size, 32 the bottleneck.
        gate: K-Gate after the attention (from row d on).
        residual, norm: see `Fusion`.
        language_scale, no_target_token: see `BCAM`.
        encoder_lr: learning rate of the pretrained image encoder in training, as a multiple of the other layers'.
    """

    card = Card(
        name="c2seg",
        title="C2Seg",
        year=2026,
        venue="ICLR",
        link="https://openreview.net/forum?id=riOevy2RwZ",
        uses_text=True,
        published="C2Seg",
        published_params=18.92,
        deviations=(
            "No official code exists: widths 128/160/256 and BCAM at 1/8, 1/16 and 1/32 are our reading, which matches "
            "the published 18.92 M parameters within 3 %. Option levels selects other scales: [32] is the bottleneck "
            "alone, as public notes on the paper draw it.",
            "A choice: F_out is added to the map that it was made from (option residual), because in the public parts "
            "of the paper it goes into skip connections and upsampling. If it replaces the maps, less than 1 % of the "
            "image's influence on the logits passes through the fused levels.",
            "A choice: the image embedding is a linear layer on the mean of the 1/32 map, because the paper's pooling "
            "is not public.",
            "A choice: pads are masked in both directions of BCAM, whose mean runs over the real tokens.",
            "A choice: the pretrained encoder is fine-tuned at a tenth of the learning rate (encoder_lr); the paper "
            "says a small rate, without a number. Pretraining uses the full rate for all layers.",
            "Row (b) of the ablation, +DualA, is attention in both directions that updates the tokens first "
            "(attention: dual); order and projections are ours.",
            "Size paper follows the formulas as printed. Size tiny multiplies the language path by the number of "
            "pixels, normalises before attention and gates, and gates the language path before it is weighted "
            "(LayerNorm would remove the weights).",
        ),
        pretrains=True,
    )
    sizes = {
        "paper": {"widths": (128, 160, 256), "encoder_lr": 0.1},
        "tiny": {"widths": (64, 96, 128), "norm": True, "language_scale": "pixels"},
    }
    official_recipe: ClassVar[dict[str, Any]] = {  # learning rate and length are not public; these are U-KAN's rate
        "optimizer": "adam", "lr": 1e-4, "weight_decay": 0.0, "batch": 32,
    }  # fmt: skip
    official_pretraining: ClassVar[dict[str, Any]] = {"batch": 256}

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        widths: Sequence[int] = (128, 160, 256),
        stem: Sequence[int] | None = None,
        kind: str = "spline",
        grid: int | None = None,
        span: tuple[float, float] | None = None,
        attention: str = "bcam",
        levels: Sequence[int] = (8, 16, 32),
        gate: bool = True,
        residual: bool = True,
        norm: bool = False,
        language_scale: str = "none",
        no_target_token: bool = False,
        encoder_lr: float = 1.0,
    ):
        super().__init__(text, image_size, widths, stem, kind, grid, span)
        self.attention = require_choice("c2seg", "attention", attention, ATTENTIONS)
        wrong = [level for level in levels if level not in LEVELS]
        if wrong or len(set(levels)) < len(levels) or (attention != "none" and not levels):
            raise InputError(
                f"c2seg: levels {list(levels)!r}: expected some of {', '.join(map(str, LEVELS))}, each once"
            )
        self.encoder_lr = require_positive("c2seg", "encoder_lr", encoder_lr)
        self.depths = [] if attention == "none" else sorted(LEVELS.index(level) for level in levels)
        choices: dict[str, Any] = {
            "attention": attention,
            "gate": gate,
            "kind": kind,
            "residual": residual,
            "norm": norm,
            "language_scale": language_scale,
            "no_target_token": no_target_token,
        }
        self.fusion = nn.ModuleList(
            Fusion(self.map_widths[depth], text.dim, **choices, grid=grid, span=span) for depth in self.depths
        )
        self.embed = nn.Linear(self.map_widths[-1], text.dim)
        if not self.depths:
            self.card = dataclasses.replace(self.card, uses_text=False)  # type: ignore[misc]

    def encode_image(self, image: Tensor) -> tuple[list[Tensor], list[Any]]:
        """(B, 3, H, W) -> five maps, at 1/2 to 1/32, and the attention's projections of the maps to be fused."""
        maps = self.pyramid(image)
        return maps, [fuse.project_image(maps[depth]) for depth, fuse in zip(self.depths, self.fusion, strict=True)]  # type: ignore[operator]

    def decode(self, features: tuple[list[Tensor], list[Any]], text: TextBatch) -> Tensor:
        """Five maps, their projections and the text -> logits (B, 1, H, W)."""
        maps, projected = list(features[0]), features[1]
        fuse = self._fuse_dual if self.attention == "dual" else self._fuse_bcam
        if self.depths:
            fuse(maps, projected, text)
        return self.restore(maps)

    def _fuse_bcam(self, maps: list[Tensor], projected: list[Any], text: TextBatch) -> None:
        """Fuse the text into the maps, in place; each distinct prompt is projected once."""
        first, prompt_of_row = distinct_prompts(text)
        attentions = [fuse.attend for fuse in self.fusion]
        keys_values = project_text(attentions, text.tokens[first], text.mask[first])  # type: ignore[arg-type]
        for depth, fuse, vision, (key, value) in zip(self.depths, self.fusion, projected, keys_values, strict=True):
            attended = fuse.attend(vision, key[prompt_of_row], value[prompt_of_row], text.mask)  # type: ignore[operator]
            maps[depth] = fuse(maps[depth], *attended)

    def _fuse_dual(self, maps: list[Tensor], projected: list[Any], text: TextBatch) -> None:
        """Fuse the text from the finest level to the coarsest, each with the tokens updated by the level before."""
        tokens = text.tokens.masked_fill(~text.mask.unsqueeze(-1), 0)
        for depth, fuse, vision in zip(self.depths, self.fusion, projected, strict=True):
            attended, tokens = fuse.attend(vision, tokens, text.mask)  # type: ignore[operator]
            maps[depth] = fuse(maps[depth], attended)

    def embed_image(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, D), L2-normalised: v_i of the pretraining."""
        return F.normalize(self.embed(self.pyramid(image)[-1].mean(dim=(2, 3))), dim=1)

    def pretrain_loss(
        self,
        image: Tensor,
        text: TextBatch,
        tau: float = 0.07,
        rho: float = 0.8,
        micro_batch: int | None = None,
        counts: Sequence[int] = (),
    ) -> Tensor:
        """CaCL between the images and the frozen pooled text.

        Args:
            image: (B, 3, H, W) float in [0, 1].
            text: their B prompts.
            tau, rho: as in `soft_targets`; rho = 0 is the hard contrastive loss.
            micro_batch: number of images to embed at a time. Each part is embedded again for its gradients, so that
                memory is needed for one part only; batch normalisation sees one part at a time.
            counts: number of images in each process; the contrast is over the images of all processes.
        """
        parts = image.split(micro_batch or len(image))
        embedded = [
            self.embed_image(part) if len(parts) == 1 else checkpoint(self.embed_image, part, use_reentrant=False)
            for part in parts
        ]
        pooled = F.normalize(text.pooled.float(), dim=1)
        return cacl_loss(gathered(torch.cat(embedded).float(), counts), gathered(pooled, counts), tau, rho)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """For training: the image encoder, at `encoder_lr` times the learning rate, and the other layers."""
        encoder = [p for module in (self.encoder, self.kan_encoder) for p in module.parameters()]
        known = {id(p) for p in encoder}
        rest = [p for p in self.parameters() if id(p) not in known]
        return [
            {"params": encoder, "lr": lr * self.encoder_lr, "weight_decay": weight_decay},
            {"params": rest, "lr": lr, "weight_decay": weight_decay},
        ]


def distinct_prompts(text: TextBatch) -> tuple[Tensor, Tensor]:
    """A row (U,) of each distinct prompt, and for each row (B,) the index of its prompt among the U.

    Prompts repeat (QaTa has some 300 texts for 7,000 images), and the KAN projections of the tokens are the most
    expensive layers, so each distinct prompt is projected once. On a GPU all rows count as distinct, because finding
    repetitions would make it wait for the host.
    """
    if text.tokens.device.type != "cpu":
        all_rows = torch.arange(len(text), device=text.tokens.device)
        return all_rows, all_rows
    rows = torch.cat([text.tokens.flatten(1), text.mask.to(text.tokens.dtype)], dim=1)
    _, prompt_of_row = torch.unique(rows, dim=0, return_inverse=True)
    first = prompt_of_row.new_empty(int(prompt_of_row.max()) + 1)
    first[prompt_of_row] = torch.arange(len(rows), device=rows.device)  # of equal rows any may be written last
    return first, prompt_of_row
