"""Training to follow the prompt: in each epoch some prompts are edited so that the correct mask is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from c2seg_bench.engine.device.transfer import to_device
from c2seg_bench.referring.example import Example
from c2seg_bench.seeding import rng
from c2seg_bench.suite import Follow
from c2seg_bench.text.prompt_table import PromptTable

NO_PROMPT = ""


def edited_prompts(examples: Iterable[Example], follow: Follow) -> set[str]:
    """All prompts that the recipe uses besides the images' own."""
    prompts = {example.prompt for example in examples if follow.shares.get(example.kind)}
    return prompts | ({NO_PROMPT} if follow.no_prompt else set())


@dataclass(frozen=True)
class Edits:
    """The edits of a batch of B images.

    Args:
        prompts: (B,) rows of the prompt table.
        flipped: (B,) bool, images to be flipped left to right.
        changed: (K,) positions in the batch of the images with another target.
        targets: (K, S, S) uint8 of 0 and 1, their targets.
    """

    prompts: NDArray[np.int64]
    flipped: NDArray[np.bool_]
    changed: NDArray[np.int64]
    targets: NDArray[np.uint8]

    def applied(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Images (B, 3, S, S) and masks (B, 1, S, S) of the batch -> the edited ones, on the same device.

        The host knows the edits and copies the new masks to the device, so that neither waits for the other.
        """
        if self.flipped.any():
            flipped = to_device(self.flipped, images.device)[:, None, None, None]
            images = torch.where(flipped, images.flip(3), images)
        if len(self.changed):
            masks = to_device(self.targets, targets.device)[:, None].to(targets.dtype)
            targets = targets.index_copy(0, to_device(self.changed, targets.device), masks)
        return images, targets


class FollowedPrompts:
    """Draws, for each image of a batch, whether its prompt is edited and how.

    Args:
        follow: the share of each kind of edit.
        examples: edits of the training images; `row` is that of the cache.
        table: has all of `edited_prompts`.
        prompt_rows: (N,) row of the table for the own prompt of each image of the cache.
        masks: (N, S, S) of the cache.
        key: names of the random state.
    """

    def __init__(
        self,
        follow: Follow,
        examples: Sequence[Example],
        table: PromptTable,
        prompt_rows: NDArray[np.int64],
        masks: NDArray[np.uint8],
        key: tuple[str, ...],
    ):
        self.prompt_rows, self.masks, self.key = prompt_rows, masks, key
        self.kinds = [kind for kind, share in follow.shares.items() if share]
        self.ends = np.cumsum([follow.shares[kind] for kind in self.kinds])
        self.no_prompt = int(table.rows([NO_PROMPT])[0]) if follow.no_prompt else -1
        used = [example for example in examples if example.kind in self.kinds]
        self.examples: dict[tuple[int, str], list[tuple[int, Example]]] = defaultdict(list)
        for row, example in zip(table.rows([example.prompt for example in used]).tolist(), used, strict=True):
            self.examples[example.row, example.kind].append((row, example))

    def __call__(self, rows: NDArray[np.int64], epoch: int) -> Edits:
        """The edits of the images in these rows (B,) of the cache. They depend only on cell, epoch and image.

        An image that admits no prompt of the kind drawn for it keeps its own.
        """
        prompts, flipped = self.prompt_rows[rows].copy(), np.zeros(len(rows), bool)
        targets: dict[int, NDArray[np.bool_]] = {}
        for i, row in enumerate(rows.tolist()):
            draw = rng(*self.key, "follow", epoch, row)
            kind = self._kind(draw.random())
            if kind == "no_prompt":
                prompts[i] = self.no_prompt
            elif choices := self.examples.get((row, kind)):
                prompts[i], example = choices[draw.integers(len(choices))]
                flipped[i] = example.flipped
                targets[i] = example.target(self.masks[row].astype(bool))
        shape = (0, *self.masks.shape[1:])
        new = np.stack(list(targets.values())).astype(np.uint8) if targets else np.empty(shape, np.uint8)
        return Edits(prompts, flipped, np.array(list(targets), np.int64), new)

    def _kind(self, number: float) -> str:
        """The kind of edit for a number in [0, 1); "" for the image's own prompt."""
        place = int(np.searchsorted(self.ends, number, side="right"))
        return self.kinds[place] if place < len(self.kinds) else ""
