"""The keys `train` and `pretrain` of a suite."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from c2seg_bench.suite.limits import ENTRIES, MOST, every_family
from c2seg_bench.suite.strict import Strict


class Noise(Strict):
    """Noise in training: a share of the prompts is replaced by one of a few noisy wordings."""

    share: float = Field(0.3, gt=0, le=1, description="of the prompts of an epoch")
    families: list[str] = Field(default_factory=lambda: every_family("kept"), min_length=1, max_length=ENTRIES)
    variants: int = Field(6, ge=1, le=100, description="noisy wordings of each distinct prompt")

    _names = field_validator("families", mode="before")(every_family)


class Follow(Strict):
    """Training that follows the words: shares of an epoch's prompts that are edited so that the correct mask is known.

    An image that admits no prompt of the kind drawn for it keeps its own. The edits are those of
    `c2seg_bench.referring`, made from the training split.
    """

    part: float = Field(0.0, ge=0, le=1, description="name some of the lesions; target: those alone")
    nowhere: float = Field(0.0, ge=0, le=1, description="name a place without a lesion; target: empty")
    mirrored: float = Field(0.0, ge=0, le=1, description="image and mask flipped, sides exchanged in the prompt")
    no_prompt: float = Field(0.0, ge=0, le=1, description="no prompt; target: the whole mask")
    start: float = Field(0.0, ge=0, lt=1, description="share of the epochs before the first edit")
    empty: float = Field(0.0, ge=0, description="weight of the area of masks whose target is empty")
    agree: float = Field(
        0.0, ge=0, description="weight of the distance between the masks of two wordings of a prompt, see noise"
    )

    @property
    def shares(self) -> dict[str, float]:
        """Kind of edit -> its share."""
        return self.model_dump(exclude={"start", "agree", "empty"})

    def first_epoch(self, epochs: int) -> int:
        """The first epoch with edits, counted from 0, of a training of this many epochs; at the latest the last."""
        return min(round(self.start * epochs), epochs - 1)

    @property
    def weights(self) -> dict[str, float]:
        """Name of a further term of the loss -> its weight."""
        return self.model_dump(include={"agree", "empty"})

    @model_validator(mode="after")
    def _something(self) -> Follow:
        total = sum(self.shares.values())
        if total > 1:
            raise ValueError(f"the shares add up to {total:g}; together they are at most 1")
        if self.empty and not self.nowhere:
            raise ValueError("empty is given and nowhere is not: no target would be empty; give nowhere a share")
        if not total and not self.agree:
            raise ValueError(f"nothing is given; give {', '.join([*self.shares, 'agree'])}, or leave the key out")
        return self


class Train(Strict):
    epochs: int = Field(50, ge=1, le=MOST)
    batch: int = Field(32, ge=1, le=MOST)
    micro_batch: int | None = Field(
        None, ge=1, le=MOST, description="images at a time; gradients are summed up to a batch"
    )
    lr: float = Field(1e-3, gt=0)
    min_lr: float = Field(1e-6, ge=0, description="where the schedule ends")
    schedule: Literal["cosine", "restarts", "polynomial", "plateau", "constant"] = "cosine"
    period: int | None = Field(None, ge=1, le=MOST, description="epochs of one cosine: all, or 10 with restarts")
    power: float = Field(0.9, gt=0, description="of the polynomial schedule")
    plateau: int = Field(5, ge=0, le=MOST, description="epochs without a better figure before the rate is reduced")
    factor: float = Field(0.1, gt=0, lt=1, description="of each reduction on a plateau")
    weight_decay: float = Field(0.0, ge=0)
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    betas: tuple[float, float] = Field((0.9, 0.999), description="of Adam and AdamW")
    momentum: float = Field(0.99, ge=0, lt=1, description="of SGD; 0.99 with Nesterov is nnU-Net's")
    nesterov: bool = True
    epoch_steps: int | None = Field(
        None, ge=1, le=MOST, description="steps that an epoch counts; one pass where not given"
    )
    patience: int | None = Field(None, ge=1, le=MOST, description="epochs without a better validation Dice")
    clip: float | None = Field(None, gt=0, description="largest gradient norm")
    augment: Literal["none", "photometric"] = "none"
    noise: Noise | None = Field(None, description="in the prompts of training")
    follow: Follow | None = Field(None, description="edited prompts of training whose correct mask is known")

    @property
    def wordings(self) -> Noise | None:
        """The noisy wordings that training needs: those of `noise`, else the default ones where `follow.agree` does."""
        return self.noise or (Noise() if self.follow and self.follow.agree else None)


class Pretrain(Strict):
    epochs: int = Field(0, ge=0, le=MOST, description="0: no pretraining")
    batch: int = Field(256, ge=2, le=MOST)
    micro_batch: int | None = Field(
        None, ge=2, le=MOST, description="images encoded at a time; the loss sees the whole batch"
    )
    lr: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    betas: tuple[float, float] = Field((0.9, 0.999), description="of Adam")
    schedule: Literal["cosine", "plateau", "constant"] = "cosine"
    factor: float = Field(0.1, gt=0, lt=1, description="of each reduction on a plateau")
    clip: float | None = Field(None, gt=0, description="largest gradient norm")
    contrast: Literal["cacl", "hard"] = "cacl"
    tau: float = Field(0.07, gt=0)
    rho: float = Field(0.8, ge=0, le=1)
