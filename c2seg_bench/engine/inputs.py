"""The inputs of a cell: the prepared pictures and masks of its dataset and the embeddings of their prompts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from baselines.contract import TextBatch
from c2seg_bench.data.augment import photometric
from c2seg_bench.data.cache import Cache
from c2seg_bench.seeding import rng
from c2seg_bench.text.prompt_table import PromptTable


@dataclass
class CellInputs:
    """A prepared dataset and the embeddings of all its prompts, clean and noisy.

    `prompt_rows[i]` is the row, in the table, of the clean prompt of picture i of the cache.
    """

    cache: Cache
    table: PromptTable
    prompt_rows: np.ndarray  # (N,) int

    @classmethod
    def open(cls, cache: Path, table: Path) -> CellInputs:
        opened = Cache.open(cache)
        prompts = PromptTable.open(table)
        return cls(opened, prompts, prompts.rows(list(opened.index["prompt"])))

    @property
    def image_size(self) -> int:
        return int(self.cache.images.shape[1])

    def images(self, rows: np.ndarray, device: torch.device) -> Tensor:
        """(B, 3, S, S) float in [0, 1]."""
        pictures = torch.from_numpy(np.ascontiguousarray(self.cache.images[rows])).to(device)
        return pictures.permute(0, 3, 1, 2).float().div_(255)

    def targets(self, rows: np.ndarray, device: torch.device) -> Tensor:
        """(B, 1, S, S) float, 0 or 1."""
        return torch.from_numpy(np.ascontiguousarray(self.cache.masks[rows])).to(device)[:, None].float()

    def text(self, rows: np.ndarray, device: torch.device) -> TextBatch:
        """The clean prompts of these rows of the cache."""
        return self.table.batch(self.prompt_rows[rows], device)


def shuffled(rows: np.ndarray, batch: int, *names: object) -> list[np.ndarray]:
    """One epoch's batches, in an order that the names alone decide. A last batch of one picture is joined to the batch
    before it, because batch normalisation needs two values per channel."""
    order = rng(*names).permutation(rows)
    parts = [order[i : i + batch] for i in range(0, len(order), batch)]
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [np.concatenate(parts[-2:])]
    return parts


def augmented(images: Tensor, kind: str, *names: object) -> Tensor:
    """Photometric changes only: left and upper stay what the prompt says."""
    if kind == "none":
        return images
    changed = photometric(images.cpu().numpy(), rng(*names))
    return torch.from_numpy(changed).to(images.device)
