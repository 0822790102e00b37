"""What to lower when a GPU's memory is too small."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TypeVar

import torch

from c2seg_bench.errors import InputError

Result = TypeVar("Result")
SMALLER = "lower the dataset's size or take a smaller size of the method"


def within_memory(
    work: Callable[[], Result], attempt: Callable[[int], object], images: int, advice: Callable[[int], str]
) -> Result:
    """The result of `work`.

    Args:
        work: computes with `images` images at a time.
        attempt: tries the same with the given number of images; raises torch.OutOfMemoryError if they do not fit.
        advice: makes the message from the largest number of images that fits.

    Raises:
        InputError: `work` ran out of a GPU's memory.
    """
    try:
        return work()
    except torch.OutOfMemoryError:
        pass  # until here the traceback keeps the tensors of the failed work
    raise InputError(advice(largest_that_fits(attempt, images)))


def largest_that_fits(attempt: Callable[[int], object], below: int) -> int:
    """The largest of `below` / 2, `below` / 4, ..., 1 for which `attempt` has enough memory; 0 if none has.

    Args:
        attempt: runs with the given number of images; raises torch.OutOfMemoryError if they do not fit.
        below: a number of images that does not fit.
    """
    count = below // 2
    while count and not _fits(attempt, count):
        count //= 2
    return count


def training_advice(cell: str, stage: str, images: int, fits: int, devices: int = 1) -> str:
    """The one line for a stage that ran out of memory with `images` at a time on each device."""
    problem = f"{cell}: out of GPU memory with {images} images at a time{' on a device' * (devices > 1)}"
    if fits:
        return f"{problem}; set {stage}.micro_batch: {fits}, which fits, or lower {stage}.batch to {fits * devices}"
    return f"{problem}, and one does not fit either; {SMALLER}"


def prediction_advice(cell: str, images: int, fits: int) -> str:
    """The one line for a prediction or validation that ran out of memory with `images` at a time."""
    problem = f"{cell}: out of GPU memory while predicting {images} images at a time"
    if fits:
        return f"{problem}; set predict_batch: {fits}, which fits"
    return f"{problem}, and one does not fit either; {SMALLER}"


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
