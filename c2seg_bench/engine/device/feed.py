"""Batches of a cell's inputs on the device that computes with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.contract import TextBatch
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.device.transfer import move, to_device
from c2seg_bench.text.encoder import EncodedPrompts

IMAGE_SHARE = 0.25  # of a GPU's free memory, for all images and masks of a dataset
PROMPT_SHARE = 0.1  # the same for the table of prompt embeddings
CHUNK = 256  # images copied to a GPU at a time


@dataclass(frozen=True)
class Batch:
    """rows (B,) of the cache; images (B, 3, S, S) float in [0, 1]; targets (B, 1, S, S) float, 0 or 1."""

    rows: np.ndarray
    images: Tensor
    targets: Tensor


class Feed:
    """Images, masks and prompts of a cell for one device.

    On a GPU, images and masks (uint8) and the prompt embeddings stay in its memory where they take no more than
    `IMAGE_SHARE` and `PROMPT_SHARE` of what is free. Otherwise, and on a CPU, they are gathered on the host: for a
    GPU by a thread, one batch ahead, into pinned memory.

    Args:
        cache: the prepared dataset.
        prompts: embeddings of all prompts.
        device: where batches are needed.
    """

    def __init__(self, cache: Cache, prompts: EncodedPrompts, device: torch.device):
        self.device = device
        self.images = Images(cache, device)
        self.prompts = Prompts(prompts, device)

    def batches(self, rows: Iterable[np.ndarray]) -> Iterator[Batch]:
        """The images of these rows of the cache, a batch for each array of rows."""
        if self.images.resident or self.device.type == "cpu":
            for some in rows:
                yield self._batch(some, *self.images.take(some))
            return
        with ThreadPoolExecutor(1) as thread:
            ahead = None
            for some in rows:
                following = (some, thread.submit(self.images.take, some))
                if ahead:
                    yield self._batch(ahead[0], *ahead[1].result())
                ahead = following
            if ahead:
                yield self._batch(ahead[0], *ahead[1].result())

    def text(self, rows: np.ndarray) -> TextBatch:
        """The prompts in these rows of the table, padded to the longest of them."""
        return self.prompts.take(rows)

    def _batch(self, rows: np.ndarray, images: Tensor, masks: Tensor) -> Batch:
        images, masks = (part.to(self.device, non_blocking=True) for part in (images, masks))
        return Batch(rows, images.permute(0, 3, 1, 2).float().div_(255), masks[:, None].float())


class Images:
    """The images and masks of a cache, on a GPU where they fit, else in the memory map."""

    def __init__(self, cache: Cache, device: torch.device):
        arrays = (cache.images, cache.masks)
        self.device = device
        self.resident = device.type == "cuda" and sum(a.nbytes for a in arrays) <= IMAGE_SHARE * _free(device)
        self.arrays = arrays
        self.tensors = [_resident(array, device) for array in arrays] if self.resident else []

    def take(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """(B, S, S, 3) and (B, S, S) uint8; on the device where they are resident, else on the host."""
        if self.resident:
            index = to_device(rows, self.device)
            images, masks = (tensor.index_select(0, index) for tensor in self.tensors)
        else:
            images, masks = (torch.from_numpy(np.ascontiguousarray(array[rows])) for array in self.arrays)
            if self.device.type == "cuda":
                images, masks = images.pin_memory(), masks.pin_memory()
        return images, masks


class Prompts:
    """The table of prompt embeddings, on a GPU where it fits, else on the host."""

    def __init__(self, encoded: EncodedPrompts, device: torch.device):
        parts = (encoded.starts, encoded.ids, encoded.tokens, encoded.pooled)
        self.device, self.encoded, self.lengths = device, encoded, encoded.lengths
        fits = device.type == "cpu" or sum(part.nbytes for part in parts) <= PROMPT_SHARE * _free(device)
        self.store = device if fits else torch.device("cpu")
        self.starts, self.ids, self.tokens, self.pooled = (torch.from_numpy(part).to(self.store) for part in parts)
        self.counts = torch.from_numpy(encoded.lengths).to(self.store)

    def take(self, rows: np.ndarray) -> TextBatch:
        """These rows; the host knows their lengths, so that it need not ask the device for the width."""
        index = to_device(rows, self.store)
        place = torch.arange(max(int(self.lengths[rows].max(initial=0)), 1), device=self.store)
        mask = place < self.counts[index, None]  # (B, N)
        if len(self.ids) == 0:  # no prompt has a token
            ids, tokens = mask.long(), self.tokens.new_zeros(*mask.shape, self.tokens.shape[1])
        else:
            where = (self.starts[index, None] + place).clamp_(max=len(self.ids) - 1)
            ids = self.ids[where].masked_fill_(~mask, 0)
            tokens = self.tokens[where].masked_fill_(~mask[..., None], 0)
        return TextBatch(*(move(part, self.device) for part in (ids, mask, tokens, self.pooled[index])))


def _free(device: torch.device) -> int:
    """Bytes of a GPU's memory that nobody uses."""
    return torch.cuda.mem_get_info(device)[0]


def _resident(array: np.ndarray, device: torch.device) -> Tensor:
    """The array on the GPU, copied in chunks: a memory map cannot be pinned as a whole."""
    tensor = torch.empty(array.shape, dtype=torch.uint8, device=device)
    for start in range(0, len(array), CHUNK):
        tensor[start : start + CHUNK] = to_device(array[start : start + CHUNK], device)
    return tensor
