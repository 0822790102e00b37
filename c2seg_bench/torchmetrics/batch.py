"""A batch as a training loop has it, as the list of images that `metrics` measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from c2seg_bench.errors import InputError
from metrics.arrays import to_array

Batch = torch.Tensor | np.ndarray | Sequence[Any]


def check_threshold(threshold: float) -> float:
    if not 0 <= threshold < 1:
        raise InputError(f"threshold {threshold}: give a probability from 0 to below 1")
    return threshold


def binary_masks(batch: Batch, name: str, threshold: float) -> list[np.ndarray]:
    """The masks of a batch, each (H, W) bool: values above the threshold.

    Args:
        batch: (N, H, W) or (N, 1, H, W), or a list of images (H, W) or (1, H, W) of any sizes: bool, whole numbers
            0 and 1, or probabilities. A tensor may lie on any device.
        name: what to call it in the error.

    Raises:
        InputError: another shape, or a value outside of [0, 1]: logits, or an image of 0 and 255.
    """
    if isinstance(batch, torch.Tensor | np.ndarray) and not (
        batch.ndim == 3 or (batch.ndim == 4 and batch.shape[1] == 1)
    ):
        raise InputError(f"{name} has shape {tuple(batch.shape)}; give (N, H, W) or (N, 1, H, W)")
    return [_binary(image, f"{name}, image {i}", threshold) for i, image in enumerate(batch)]


def _binary(image: Any, name: str, threshold: float) -> np.ndarray:
    array = to_array(image)
    if array.ndim == 3 and len(array) == 1:
        array = array[0]
    if array.ndim != 2:
        raise InputError(f"{name} has shape {array.shape}; give (H, W) or (1, H, W)")
    if array.dtype == np.bool_:
        return array
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise InputError(
            f"{name}: values from {array.min():.4g} to {array.max():.4g}; give 0/1 or probabilities (logits.sigmoid())"
        )
    return array > threshold
