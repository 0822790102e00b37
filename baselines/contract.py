"""The contract of a method: `Method`, its `Card`, and its text input (`TextBatch`, `TextSpec`, `Vocabulary`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.losses import bce_dice, disagreement, excess

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


@dataclass(frozen=True)
class TextBatch:
    """The prompts of a batch as a frozen encoder encodes them. Pads come last; an empty prompt has no real token.

    Args:
        ids: (B, N) long, the encoder's token ids.
        mask: (B, N) bool, True on real tokens.
        tokens: (B, N, D) float, the encoder's last hidden states.
        pooled: (B, D) float, one vector per prompt.
    """

    ids: Tensor
    mask: Tensor
    tokens: Tensor
    pooled: Tensor

    def __len__(self) -> int:
        return len(self.ids)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> TextBatch:
        """The same batch on another device."""
        parts = (self.ids, self.mask, self.tokens, self.pooled)
        return TextBatch(*(part.to(device, non_blocking=non_blocking) for part in parts))

    def __getitem__(self, rows: Tensor | slice) -> TextBatch:
        """Some of the prompts: a slice, or a tensor of row numbers or booleans."""
        return TextBatch(self.ids[rows], self.mask[rows], self.tokens[rows], self.pooled[rows])


@dataclass(frozen=True)
class Vocabulary:
    """The meaning of some token ids of the frozen encoder; `layers.hub.vocabulary` reads it from the tokenizer.

    Args:
        digest: SHA-256 of all tokens and their ids; "" if unknown.
        comma: id of the comma; None if unknown, or if the comma has no id of its own.
        marks: ids of the start and end marks; None if unknown, or if there are none.
    """

    digest: str = ""
    comma: int | None = None
    marks: tuple[int, int] | None = None


@dataclass(frozen=True)
class TextSpec:
    """The properties of the frozen encoder that a method can use when it is built.

    Args:
        dim: width D of tokens and of the pooled vector.
        length: tokens of the longest prompt, the upper bound of N.
        vocab: number of token ids.
        words: meaning of the ids. A pretrained tower that reads token ids must have the same digest, if that is known.
    """

    dim: int
    length: int
    vocab: int
    words: Vocabulary = field(default=Vocabulary(), repr=False, compare=False)


def moves_pixels(how: str) -> str:
    """A card's sentence for an official training that augments images geometrically; `how` is a verb phrase."""
    return (
        f"The official training {how} the images. Here the suite sets the augmentation, the same for all methods; "
        "one that moves pixels must also rewrite sides and places in the prompt."
    )


@dataclass(frozen=True)
class Card:
    """Where a method comes from and how this implementation differs.

    Args:
        name: short, lower case, without spaces; what suites and the command line use.
        title: as tables print it.
        year, venue, link: of the paper.
        uses_text: whether the prompt changes the mask.
        published: the row's name in the paper's tables, or None.
        published_params: millions, as printed there, or None.
        deviations: differences from the paper or its code, and reasons.
        pretrains: whether the method has a `pretrain_loss`.

    Raises:
        ValueError: the name cannot be a folder's.
    """

    name: str
    title: str
    year: int
    venue: str
    link: str
    uses_text: bool
    published: str | None
    published_params: float | None
    deviations: tuple[str, ...]
    pretrains: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"card: name {self.name!r}: becomes the name of a folder; use letters, digits and . _ + -, beginning "
                "with a letter or digit"
            )


class Method(nn.Module):
    """A network from (image, text) to a mask, with the loss that trains it.

    A subclass has a `card`, `sizes` ("paper" and "tiny": keyword arguments of its `__init__`), and either
    `encode_image` and `decode`, or `decode` alone. A subclass may also set these:

    - `token_limit`: the number of tokens that it reads, None for all. The benchmark reports the tokens that are lost;
      `reads` marks those that are read.
    - `official_recipe`: the paper's training settings (optimizer, lr, schedule, batch, epochs, ...: the keys of `train`
      in a suite), for suites with `recipe: official`; empty if unknown. `official_pretraining`: those of the stage
      before. If the official loss or training-only modules differ, the method takes an option `recipe` ("common" or
      "official") that its `loss` follows.
    - `uncounted`: submodules that the published count leaves out, such as a text tower that the official code keeps
      outside the model.

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
        """Features that do not depend on the text, shared by all prompts of an image. Default: the image.

        Args:
            image: (B, 3, H, W) float in [0, 1].
        """
        return image

    def decode(self, features: Any, text: TextBatch) -> Tensor:
        """Logits (B, 1, H, W) from the result of `encode_image` and the text."""
        raise TypeError(f"{type(self).__name__} must define decode(features, text)")

    def forward(self, image: Tensor, text: TextBatch) -> Tensor:
        """Logits (B, 1, H, W), before the sigmoid."""
        return self.decode(self.encode_image(image), text)

    def reads(self, text: TextBatch) -> Tensor:
        """(B, N) bool, True on the tokens that the method reads. Default: the first `token_limit` real ones."""
        place = torch.arange(text.mask.shape[1], device=text.mask.device)
        return text.mask if self.token_limit is None else text.mask & (place < self.token_limit)

    def loss(self, image: Tensor, text: TextBatch, target: Tensor) -> Tensor:
        """Scalar to minimise; target (B, 1, H, W) float 0 or 1."""
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
        """`loss`, plus the terms that the recipe `follow` adds.

        Args:
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
        """Scalar to minimise in the stage before training; only if `card.pretrains`."""
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
