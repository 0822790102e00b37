"""Images and the prompts that each is decoded with: masks batch by batch, still on the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from baselines.contract import Method
from c2seg_bench.engine.device.memory import prediction_advice, within_memory
from c2seg_bench.engine.device.transfer import to_device
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.text.prompt_table import PromptTable

Result = TypeVar("Result")
BATCH = 32  # images, and pairs of image and prompt


class WrongLogits(Exception):
    """A method returned logits that no mask can be made from."""


class Decoded(NamedTuple):
    """The masks of a batch of B images.

    Args:
        positions: (B,) of the images in the sweep.
        mask_by_condition: (conditions, B) index of each image's mask in `masks`.
        masks: (pairs, S, S) bool.
        targets: (B, 1, S, S) float.
        has_nan: () bool, whether a logit is NaN.
    """

    positions: np.ndarray
    mask_by_condition: np.ndarray
    masks: Tensor
    targets: Tensor
    has_nan: Tensor


@dataclass(frozen=True)
class Sweep:
    """N images, each decoded with one prompt per condition.

    Args:
        model: on the device of `fabric`.
        inputs: images and prompts.
        rows: (N,) rows of the cache.
        prompts: (conditions, N) rows of the prompt table.
        fabric: device and precision.
        batch: images, and pairs of image and prompt, at a time.
        cell: its name in errors; "": the method's title.
    """

    model: Method
    inputs: CellInputs
    rows: np.ndarray
    prompts: np.ndarray
    fabric: Any
    batch: int = BATCH
    cell: str = ""

    def within_memory(self, compute: Callable[[], Result]) -> Result:
        """The result of `compute`, which reads `batches`.

        Raises:
            InputError: a GPU's memory is too small; the message has the batch that fits.
        """
        images = min(self.batch, len(self.rows))
        return within_memory(
            compute,
            lambda count: next(self._first(count).batches()),
            images,
            lambda fits: prediction_advice(self.cell or self.model.card.title, images, fits),
        )

    def _first(self, count: int) -> Sweep:
        """The first images, in one batch."""
        return replace(self, rows=self.rows[:count], prompts=self.prompts[:, :count], batch=count)

    def batches(self) -> Iterator[Decoded]:
        """Encode each image once, and decode it once with every distinct prompt that it has.

        Prompts with the same tokens count as one; a method that reads no text decodes each image once. Images with the
        same prompt share a batch, because some methods project each distinct prompt of a batch only once.

        Raises:
            WrongLogits: they have another shape than (pairs, 1, S, S).
        """
        self.model.eval()
        feed, prompts = self.inputs.on(self.fabric.device), self._distinct_prompts()
        by_prompt = np.argsort(prompts[0], kind="stable")
        parts = [by_prompt[start : start + self.batch] for start in range(0, len(self.rows), self.batch)]
        for positions, loaded in zip(parts, feed.batches(self.rows[part] for part in parts), strict=True):
            size = len(positions)
            pairs, mask_by_condition = np.unique(prompts[:, positions] * size + np.arange(size), return_inverse=True)
            prompt, image = np.divmod(pairs, size)
            with self.fabric.autocast():
                features = self.model.encode_image(loaded.images)
                masks, has_nan = [], torch.zeros((), dtype=torch.bool, device=self.fabric.device)
                for start in range(0, len(pairs), self.batch):
                    part = slice(start, start + self.batch)
                    logits = self.model.decode(_take(features, image[part], size), feed.text(prompt[part]))
                    _check_shape(logits, (len(image[part]), 1, *loaded.targets.shape[-2:]))
                    has_nan |= logits.isnan().any()
                    masks.append(logits[:, 0].float() > 0)  # sigmoid(x) > 0.5 is x > 0
            yield Decoded(
                positions, mask_by_condition.reshape(len(prompts), -1), torch.cat(masks), loaded.targets, has_nan
            )

    def _distinct_prompts(self) -> np.ndarray:
        """(conditions, N) rows of the prompt table, one for all prompts that the method cannot tell apart."""
        distinct = same_tokens(self.inputs.table, self.prompts)
        if not self.model.card.uses_text:
            distinct[:] = distinct[0]
        return distinct


def same_tokens(table: PromptTable, rows: np.ndarray) -> np.ndarray:
    """Rows of the table, of any shape -> for each the first of `rows` whose prompt has the same tokens.

    "Left lung", "left lung" and "left  lung" are one prompt to an encoder that folds case and space.
    """
    distinct, first = np.unique(rows, return_index=True)
    row_by_tokens: dict[bytes, int] = {}
    stands_for = np.empty(len(distinct), np.int64)
    for k in np.argsort(first):
        row = distinct[k]
        tokens = table.encoded.ids[table.encoded.token_slice(row)].tobytes()
        stands_for[k] = row_by_tokens.setdefault(tokens, int(row))
    return stands_for[np.searchsorted(distinct, rows)]


def _check_shape(logits: Tensor, expected: tuple[int, ...]) -> None:
    if logits.shape != expected:
        raise WrongLogits(f"decode returned logits of shape {tuple(logits.shape)} instead of {expected}")


def _take(features: Any, index: np.ndarray, full: int) -> Any:
    """The features of these images; features may be any nested structure of tensors."""
    if len(index) == full and (index == np.arange(full)).all():
        return features
    device = next(x.device for x in pytree.tree_leaves(features) if isinstance(x, Tensor))
    rows = to_device(index, device)
    return pytree.tree_map(lambda x: x[rows] if isinstance(x, Tensor) else x, features)
