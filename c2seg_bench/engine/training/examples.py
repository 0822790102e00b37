"""The input of the training loss: a batch of images with changed light, edited prompts and noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from c2seg_bench.engine.device.distributed import Share
from c2seg_bench.engine.device.feed import Batch
from c2seg_bench.engine.device.transfer import to_device
from c2seg_bench.engine.inputs.follow import FollowedPrompts, edited_prompts
from c2seg_bench.engine.inputs.follow_examples import read_examples
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.inputs.noise import Wordings
from c2seg_bench.engine.training.augment import LightChanges, photometric
from c2seg_bench.engine.training.step import Examples
from c2seg_bench.seeding import rng
from c2seg_bench.suite import Cell


class TrainingExamples:
    """Applies the cell's recipe to its batches. Random choices depend only on names, the epoch and the image.

    Args:
        cell: with the recipe: `augment`, `follow`, `noise`.
        inputs: of the cell; the table has every prompt that the recipe may use.
        fabric: has the device, and the share of a batch that this process trains on.
    """

    def __init__(self, cell: Cell, inputs: CellInputs, fabric: Any):
        self.key, self.recipe, self.inputs = cell.key, cell.suite.training(cell.method), inputs
        self.feed, self.share = inputs.on(fabric.device), Share.of(fabric)
        follow, edited = self.recipe.follow, set()
        self.followed: FollowedPrompts | None = None
        self.first_edited_epoch = follow.first_epoch(self.recipe.epochs) if follow else 0
        if follow:
            examples = read_examples(cell.run.training_examples(cell.dataset), inputs.cache)
            edited = edited_prompts(examples, follow)
            parts = (inputs.table, inputs.prompt_rows, inputs.cache.masks, cell.key)
            self.followed = FollowedPrompts(follow, examples, *parts)
        self.agrees = follow is not None and follow.agree > 0
        self.wordings: Wordings | None = None
        if self.recipe.wordings:
            prompts = inputs.cache.index["prompt"].iloc[inputs.cache.rows("train")]
            self.wordings = Wordings(inputs.table, prompts, self.recipe.wordings, cell.key, edited)

    def __call__(self, batch: Batch, epoch: int, rows: np.ndarray) -> Examples:
        """This process's part of a batch whose images are `rows` of the cache -> examples, on the device."""
        images, targets, prompts = batch.images, batch.targets, self.inputs.prompt_rows[batch.rows]
        if self.recipe.augment == "photometric":
            changes = LightChanges.draw(len(rows), rng(*self.key, "augment", epoch, int(rows[0])))
            own = (x[self.share.part(len(rows))] for x in (changes.factors, changes.seeds))
            images = photometric(images, *(to_device(x, images.device) for x in own))
        if self.followed and epoch >= self.first_edited_epoch:
            edits = self.followed(batch.rows, epoch)
            prompts = edits.prompts
            images, targets = edits.applied(images, targets)
        reworded = None
        if self.wordings and self.agrees:
            reworded = self.feed.text(self.wordings.others(prompts, batch.rows, epoch))
        if self.wordings and self.recipe.noise:
            prompts = self.wordings.replaced(prompts, batch.rows, epoch)
        return Examples(images, self.feed.text(prompts), targets, reworded=reworded)
