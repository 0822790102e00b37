"""What to lower when a GPU's memory is too small."""

from __future__ import annotations

import gc
from collections.abc import Callable

import torch


def largest_that_fits(attempt: Callable[[int], object], below: int) -> int:
    """The largest of `below` / 2, `below` / 4, ..., 1 for which `attempt` has enough memory; 0 where none has.

    Args:
        attempt: runs with so many pictures; torch.OutOfMemoryError where they do not fit.
        below: a number of pictures that does not fit.
    """
    count = below // 2
    while count and not _fits(attempt, count):
        count //= 2
    return count


def advice(cell: str, stage: str, pictures: int, fits: int | None) -> str:
    """The one line for a stage that ran out of memory with `pictures` at a time; `fits` None: not known."""
    problem = f"{cell}: out of GPU memory with {pictures} pictures at a time"
    if fits is None:
        return f"{problem} over all devices; set a lower {stage}.micro_batch or {stage}.batch"
    if fits:
        return f"{problem}; set {stage}.micro_batch: {fits}, which fits, or lower {stage}.batch to it"
    return f"{problem}, and one does not fit either; lower the dataset's size or take a smaller size of the method"


def _fits(attempt: Callable[[int], object], count: int) -> bool:
    try:
        attempt(count)
    except torch.OutOfMemoryError:
        fits = False
    else:
        fits = True
    gc.collect()  # outside the except block: until then the traceback keeps the tensors of the failed attempt
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return fits
