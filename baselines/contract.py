"""The contract of a method: `Method`, with its `Card` and its text input (`TextBatch`, `TextSpec`, `Vocabulary`)."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.card import Card, augmentation_note
from baselines.losses import bce_dice, disagreement, excess
from baselines.text_input import TextBatch, TextSpec, Vocabulary

__all__ = ["Card", "ImageMethod", "Method", "TextBatch", "TextSpec", "Vocabulary", "augmentation_note"]


class Method(nn.Module):
    """A network from (image, text) to a mask, with the loss that trains it.

    A subclass has a `card`, `sizes` ("paper" and "tiny": keyword arguments of its `__init__`), and either
    `encode_image` and `decode`, or `decode` alone. A subclass may also set these:

    - `token_limit`: the number of tokens that it reads, None for all. `reads` marks them; the benchmark reports how
      many tokens are not read.
    - `official_recipe`: the paper's training settings, with the keys of `train` in a suite (optimizer, lr, schedule,
      batch, epochs, ...). Suites with `recipe: official` use them; empty if unknown. `official_pretraining`: those of
      the pretraining. If the official loss differs, or there are modules for training only, the method has an option
      `recipe` ("common" or "official").
    - `uncounted`: submodules that the published number of parameters leaves out, such as a text tower that the official
      code keeps outside the model.

    Args:
        text: the frozen encoder's dimensions.
        image_size: side of the square image, in pixels.
    """

    card: ClassVar[Card]
    sizes: ClassVar[dict[str, dict[str, Any]]]
    token_limit: int | None = None
    official_recipe: ClassVar[dict[str, Any]] = {}
    official_pretraining: ClassVar[dict[str, Any]] = {}
    uncounted: ClassVar[tuple[str, ...]] = ()

    def __init__(self, text: TextSpec, image_size: int):
        super().__init__()
        self.text_spec = text
        self.image_size = image_size

    def encode_image(self, image: Tensor) -> Any:
        """Features that do not depend on the text, computed once for all prompts of an image. Default: the image.

        Args:
            image: (B, 3, H, W) float in [0, 1].
        """
        return image

    def decode(self, features: Any, text: TextBatch) -> Tensor:
        """Logits (B, 1, H, W) from the features of `encode_image` and the text."""
        raise TypeError(f"{type(self).__name__} must define decode(features, text)")

    def forward(self, image: Tensor, text: TextBatch) -> Tensor:
        """Logits (B, 1, H, W), before the sigmoid."""
        return self.decode(self.encode_image(image), text)

    def reads(self, text: TextBatch) -> Tensor:
        """(B, N) bool, True on the tokens that the method reads. Default: the first `token_limit` real ones."""
        position = torch.arange(text.mask.shape[1], device=text.mask.device)
        return text.mask if self.token_limit is None else text.mask & (position < self.token_limit)

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """Scalar to minimise in training.

        Args:
            image: (B, 3, H, W) float in [0, 1].
            text: B prompts.
            target: (B, 1, H, W) float, 0 or 1.
        """
        return bce_dice(self(image, text), target)

    def following_loss(
        self,
        image: Tensor,
        text: TextBatch,
        target: Tensor,
        *,
        reworded: TextBatch | None = None,
        agree: float = 0.0,
        empty: float = 0.0,
    ) -> Tensor:
        """`loss`, plus the terms of the training setting `follow`.

        Args:
            image, text, target: as for `loss`.
            reworded: another wording of each prompt.
            agree: weight of the `disagreement` between the masks of the two wordings.
            empty: weight of the `excess` of masks with an empty target.
        """
        features = self.encode_image(image)
        logits = self.decode(features, text)
        own = bce_dice(logits, target) if type(self).loss is Method.loss else self.loss(image, text, target)
        total = own + empty * excess(logits, target)
        if reworded is not None:
            total = total + agree * disagreement(logits, self.decode(features, reworded))
        return total

    def pretrain_loss(self, image: Tensor, text: TextBatch) -> Tensor:
        """Scalar to minimise in pretraining; only if `card.pretrains`."""
        raise TypeError(f"{self.card.name} has no pretraining stage")

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The optimiser's parameter groups in training. Default: one group, all trainable parameters."""
        return Method.pretrain_groups(self, lr, weight_decay)

    def pretrain_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The optimiser's parameter groups in pretraining. Default: one group, all trainable parameters."""
        trainable = [parameter for parameter in self.parameters() if parameter.requires_grad]
        return [{"params": trainable, "lr": lr, "weight_decay": weight_decay}]


class ImageMethod(Method):
    """Base of methods whose mask depends on the image alone: `encode_image` returns the logits (B, 1, H, W)."""

    def decode(self, features: Any, text: TextBatch) -> Tensor:
        """The logits as they are."""
        return features
