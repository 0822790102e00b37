"""RefSegformer: memory tokens attend to the prompt, and the stages of a Swin to the memory.

Some memory tokens stand for absent objects: the official training includes prompts about objects that are not in the
image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers import recipes
from baselines.layers.convolution import conv_block
from baselines.layers.language import Language
from baselines.layers.maps import resize_aligned, to_map
from baselines.layers.options import require_heads, require_multiple, require_recipe, require_widths
from baselines.layers.param_groups import decay_groups
from baselines.layers.swin import SwinStages, load_swin
from baselines.layers.towers import standardise
from baselines.losses import bce_dice, two_class_cross_entropy
from baselines.refsegformer.memory import Existence, Fusion, Recall
from baselines.registry import register

EXTRA = 0.4  # weight of coarser masks, and of empty ones, in the official loss


@register
class RefSegformer(Method):
    """Swin stages from the second on are fused with the prompt through memory tokens; the decoder reads them again.

    Args:
        text: of the frozen encoder; its vocabulary is that of the trained BERT.
        image_size: multiple of 32, at least 64.
        width, depths, heads, window, drop_path: of the Swin, see `swin_config`; ignored with pretrained weights.
        decoder: channels of the decoder at 1/16, 1/8 and 1/4; the stage's heads divide them.
        fused: how many stages are fused, the second first; 1 to 3.
        start: first gain of the norm behind each fusion: 0, the paper's, lets the text in as training goes.
        bert: width, depth and heads of the BERT.
        language: "bert" trains a BERT on the token ids; "tokens" reads the frozen encoder's tokens instead.
        text_weights: of the BERT: "none", a name on the hub or a folder.
        tokens: tokens read of a prompt; None: all.
        weights: of the Swin: "none", a name on the hub or a folder.
        recipe: "common" (`bce_dice`) or "official" (cross entropy at four scales, existence, prompts of others; of a
            pretrained BERT only layers 0 to 9 are trained).
    """

    card = Card(
        name="refsegformer",
        title="RefSegformer",
        year=2024,
        venue="IEEE TIP",
        link="https://github.com/jianzongwu/robust-ref-seg",
        uses_text=True,
        published="RefSegformer",
        published_params=195.0,
        deviations=(
            "The official code with two fused stages has 194.9 M parameters without BERT's tables, which matches the "
            "published 195.0 M; here they are 189.3 M. Two parts are not built: the deepest level's attention to a "
            "memory that does not exist (4.2 M), and an attention from words to pixels whose result is not used (1.3 "
            "M).",
            "Two stages are fused, as that count implies; the default of the public code is three (option fused).",
            "The public README trains with --use_pixel_decoder, Mask2Former's deformable attention, which does not use "
            "the memory again; the decoder here is the default of the code.",
            "Padding is excluded from attention; the official code sets its keys and values to zero but leaves its "
            "share of the softmax.",
            "Swin and BERT start from scratch unless weights are given: swin-base-patch4-window12-384-in22k and "
            "bert-base-uncased are the paper's. Stochastic depth skips attention only, as in transformers.",
            "224 x 224 images with windows of 7; the paper has 480 x 480 and windows of 12. Size paper reads the "
            "first 20 tokens as the paper does; size tiny reads all, and its fusions start with a gain of 1.",
            "Recipe official: the paper trains with prompts about absent objects; here the prompt of the previous "
            "image in the batch takes this role, with an empty mask as target. If it is the same prompt, the loss "
            "leaves the pair out.",
            "Recipe common trains all of BERT; the official optimiser only has its layers 0 to 9.",
            "The two classes' logits are returned as their difference, whose sign is the argmax.",
        ),
    )
    sizes = {
        "paper": {"tokens": 20},
        "tiny": {
            "width": 24,
            "depths": (1, 1, 2, 1),
            "heads": (1, 2, 4, 8),
            "window": 4,
            "drop_path": 0.0,
            "decoder": (64, 48, 32),
            "start": 1.0,
            "bert": (48, 2, 2),
        },
    }
    official_recipe: ClassVar[dict[str, Any]] = {
        "optimizer": "adamw", "lr": 3e-5, "weight_decay": 0.01, "batch": 48, "epochs": 50, **recipes.POLYNOMIAL,
    }  # fmt: skip

    def __init__(
        self,
        text: TextSpec,
        image_size: int,
        width: int = 128,
        depths: Sequence[int] = (2, 2, 18, 2),
        heads: Sequence[int] = (4, 8, 16, 32),
        window: int = 7,
        drop_path: float = 0.3,
        decoder: Sequence[int] = (512, 256, 128),
        fused: int = 2,
        start: float = 0.0,
        bert: Sequence[int] = (768, 12, 12),
        language: str = "bert",
        tokens: int | None = None,
        weights: str = "none",
        text_weights: str = "none",
        recipe: str = "common",
    ):
        super().__init__(text, image_size)
        require_multiple("refsegformer", image_size, 32, least=64)  # one pixel at 1/32 has no instance norm
        if fused not in (1, 2, 3):
            raise InputError(f"refsegformer: fused {fused}: expected 1, 2 or 3 stages")
        require_widths("refsegformer", "decoder", decoder, 3)
        for option, given in (("depths", depths), ("heads", heads)):
            require_widths("refsegformer", option, given, 4)
        self.official = require_recipe("refsegformer", recipe)
        tower = load_swin("refsegformer", width, depths, heads, window, drop_path, image_size, weights)
        self.swin, heads = SwinStages(tower, shift_one_window=False), tower.config.num_heads
        self.language = Language("refsegformer", text, language, bert, text_weights, tokens)
        self.token_limit = self.language.limit
        if self.official and text_weights != "none":
            self.language.freeze_untrained()
        scales, words = self.swin.widths, self.language.width
        outs = {3: scales[3], **{2 - i: out for i, out in enumerate(decoder)}}  # channels of the decoder at each stage
        fusions, recalls = {}, {}
        for i in range(1, 1 + fused):
            require_heads("refsegformer", outs[i], heads[i])
            fusions[str(i)] = Fusion(scales[i], words, heads[i], start)
            recalls[str(i)] = Recall(outs[i], scales[i], heads[i], start)
        self.fusion, self.recall = nn.ModuleDict(fusions), nn.ModuleDict(recalls)
        self.up = nn.ModuleList(conv_block(outs[i + 1] + scales[i], outs[i], outs[i]) for i in (0, 1, 2))
        self.heads = nn.ModuleList(nn.Conv2d(outs[i], 2, 1) for i in range(4 if self.official else 1))
        self.exists = Existence(outs[1], scales[1], heads[1]) if self.official else None

    def encode_image(self, image: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Tokens (B, P, C) of the first stage, which the words do not enter, and their grid."""
        tokens, size = self.swin.embed(standardise(image))
        return self.swin.stage(0, tokens, size), size

    def _decoded(
        self, features: tuple[Tensor, tuple[int, int]], text: TextBatch
    ) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
        """The decoder's maps, finest first; and its map at 1/8 before attention to the memory, with this memory."""
        tokens, size = features
        words, mask = self.language(text)
        maps, memories = [to_map(tokens, *size)], {}
        for i in (1, 2, 3):
            tokens, size = self.swin.halve(i - 1, tokens, size)
            skip = tokens = self.swin.stage(i, tokens, size)
            if str(i) in self.fusion:  # the next stage gets the sum, the decoder the result of attention alone
                skip, memories[i] = self.fusion[str(i)](tokens, words, mask)
                tokens = tokens + skip
            maps.append(to_map(skip, *size))
        outs: list[Tensor] = []
        x = before = maps[3]
        for i in (3, 2, 1, 0):
            if i < 3:
                x = self.up[i](torch.cat([resize_aligned(x, maps[i].shape[-2:]), maps[i]], dim=1))
            if i == 1:
                before = x
            if i in memories:
                x = self.recall[str(i)](x, memories[i])
            outs.insert(0, x)
        return outs, (before, memories[1])

    def decode(self, features: tuple[Tensor, tuple[int, int]], text: TextBatch) -> Tensor:
        """Logits (B, 1, H, W) of the finest map."""
        return self._logits(self._decoded(features, text)[0])[0]

    def _logits(self, outs: list[Tensor]) -> list[Tensor]:
        """Foreground minus background of each level that has a head, at the image's size."""
        pairs = [head(out) for head, out in zip(self.heads, outs, strict=False)]
        return [resize_aligned(pair[:, 1:] - pair[:, :1], (self.image_size, self.image_size)) for pair in pairs]

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """The common loss, or the paper's, with existence and with prompts of other images."""
        tokens, size = self.encode_image(image)
        if self.exists is None:
            return bce_dice(self.decode((tokens, size), text), target)
        rows = torch.arange(len(image), device=image.device)
        other = text[rows.roll(1)]
        differs = ((other.ids != text.ids) & (other.mask | text.mask) | (other.mask != text.mask)).any(1)
        counts = torch.cat([torch.ones_like(differs), differs])  # of each image, with its own prompt and the other
        target = torch.cat([target, torch.zeros_like(target)])
        text = text[torch.cat([rows, rows.roll(1)])]
        outs, evidence = self._decoded((torch.cat([tokens, tokens]), size), text)
        present = target.flatten(1).amax(1) > 0.5
        exists = self.exists(*evidence)[:, 0].float()
        loss = (
            F.binary_cross_entropy_with_logits(exists, present.float(), weight=counts, reduction="sum") / counts.sum()
        )
        for i, logits in enumerate(self._logits(outs)):
            for some, weight in ((present, 1.0), (~present, EXTRA)):
                part = two_class_cross_entropy(logits, target, (1.0, 1.0), rows=some & counts)
                loss = loss + weight * (EXTRA if i else 1.0) * part
        return loss

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """Weights decay; the Swin's norms and tables of relative positions do not, as in the official optimiser."""
        return decay_groups(self, lr, weight_decay, _is_exempt)


def _is_exempt(name: str) -> bool:
    return name.startswith("swin.") and ("norm" in name or "position_bias" in name)
