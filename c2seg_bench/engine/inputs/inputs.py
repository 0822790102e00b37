"""The inputs of a cell: the prepared images and masks of its dataset and the embeddings of their prompts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.device.feed import Feed
from c2seg_bench.text.prompt_table import PromptTable


@dataclass
class CellInputs:
    """A prepared dataset and the embeddings of all its prompts, clean and noisy.

    `prompt_rows[i]` is the row, in the table, of the clean prompt of image i of the cache.
    """

    cache: Cache
    table: PromptTable
    prompt_rows: np.ndarray  # (N,) int
    _feeds: dict[torch.device, Feed] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, cache: Path, table: Path) -> CellInputs:
        """Open what a run has prepared; InputError where something is missing."""
        opened = Cache.open(cache)
        prompts = PromptTable.open(table)
        return cls(opened, prompts, prompts.rows(list(opened.index["prompt"])))

    @property
    def image_size(self) -> int:
        """Side of the square images, pixels."""
        return int(self.cache.images.shape[1])

    def on(self, device: torch.device) -> Feed:
        """Batches for a device; made once, because a GPU keeps what it has got."""
        if device not in self._feeds:
            with torch.inference_mode(False):  # prediction may come first, and its tensors serve training too
                self._feeds[device] = Feed(self.cache, self.table.encoded, device)
        return self._feeds[device]
