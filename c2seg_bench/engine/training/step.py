"""One training step: loss, gradients, clipping, optimiser. Nothing in it waits for the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from baselines.contract import Method, TextBatch
from c2seg_bench.engine.device.distributed import Share, share_batch_norm
from c2seg_bench.engine.training.optimizer import make_optimizer
from c2seg_bench.suite import Train


@dataclass(frozen=True)
class Examples:
    """The input of a loss.

    Args:
        images: (B, 3, S, S) in [0, 1].
        text: their prompts.
        targets: (B, 1, S, S) of 0 and 1.
        counts: number of images in each process, if several share the batch.
        reworded: another wording of each prompt, for a loss that compares the two.
    """

    images: Tensor
    text: TextBatch
    targets: Tensor
    counts: tuple[int, ...] = ()
    reworded: TextBatch | None = None

    def __len__(self) -> int:
        return len(self.images)

    def parts(self, size: int | None) -> Iterator[Examples]:
        """The examples, `size` at a time. A last part of one is joined to the part before, for batch normalisation."""
        count, start = len(self), 0
        while start < count:
            end = min(start + (size or count), count)
            end = count if count - end == 1 and size != 1 else end
            chosen = slice(start, end)
            yield self if (start, end) == (0, count) else self._some(chosen)
            start = end

    def _some(self, chosen: slice) -> Examples:
        reworded = None if self.reworded is None else self.reworded[chosen]
        return Examples(self.images[chosen], self.text[chosen], self.targets[chosen], self.counts, reworded)


Loss = Callable[[Callable[..., Tensor], Examples], Tensor]


class TrainingStep:
    """The model, its optimiser and its loss, ready for steps.

    With `recipe.micro_batch` the gradients of a batch are summed over parts of that size, each weighted by its share of
    the images. For a loss that is a mean over images, this equals one batch, except that batch normalisation sees
    the parts.

    Args:
        method: name of the model's method that computes the loss.
        recipe: optimiser, learning rate, weight decay, clipping, micro-batches.
        fabric: device and precision.
        model: trained in place.
        loss: (method, examples) -> scalar.
        mean_loss: whether the loss is a mean over images; if not, every process computes that of the whole batch.
        groups_method: name of the model's method that returns the optimiser's groups of parameters.
    """

    def __init__(
        self,
        method: str,
        recipe: Train,
        fabric: Any,
        model: Method,
        loss: Loss,
        mean_loss: bool = True,
        groups_method: str = "param_groups",
    ):
        self.recipe, self.fabric, self.model, self.loss = recipe, fabric, model, loss
        self.share, self.mean_loss = Share.of(fabric), mean_loss
        model.to(fabric.device)
        if self.share.world > 1:
            share_batch_norm(model, fabric.device)
        groups = getattr(model, groups_method)(recipe.lr, recipe.weight_decay)
        optimizer = make_optimizer(recipe, groups, **_fused(fabric))
        self.wrapped, self.optimizer = fabric.setup(model, optimizer)
        self.wrapped.mark_forward_method(method)  # applies precision and data parallelism as to forward
        self.method = getattr(self.wrapped, method)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]  # a resumed state has those of its epoch

    def __call__(self, examples: Examples, share: float) -> Tensor:
        """Update the weights once, at this share of the initial learning rates. Returns the loss, on the device."""
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):  # resuming replaces the groups
            group["lr"] = rate * share
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.gradients(examples)
        if self.recipe.clip:
            self.fabric.clip_gradients(
                self.wrapped, self.optimizer, max_norm=self.recipe.clip, error_if_nonfinite=False
            )
        self.optimizer.step()
        return loss

    def gradients(self, examples: Examples) -> Tensor:
        """Add the gradients of the loss to those of the parameters. Returns the loss."""
        total: Tensor | None = None
        weight = self.share.weight(sum(examples.counts)) if self.share.world > 1 and self.mean_loss else 1.0
        done = 0
        for part in examples.parts(self.recipe.micro_batch):
            done += len(part)
            factor = weight * len(part) / len(examples)
            with self._exchange_at_the_end(done == len(examples)):
                loss = self.loss(self.method, part)
                loss = loss if factor == 1 else loss * factor
                self.fabric.backward(loss)
            total = loss.detach() if total is None else total + loss.detach()
        assert total is not None, "a batch has at least one image"
        return total

    def _exchange_at_the_end(self, last: bool) -> AbstractContextManager:
        """Processes exchange gradients once per batch, with its last part."""
        if self.share.world == 1:
            return nullcontext()
        return self.fabric.no_backward_sync(self.wrapped, enabled=not last)


def _fused(fabric: Any) -> dict[str, bool]:
    """The fused optimiser on a GPU, unless gradients are scaled, because these are clipped before its step."""
    scaled = getattr(fabric.strategy.precision, "scaler", None) is not None
    return {"fused": True} if fabric.device.type == "cuda" and not scaled else {}
