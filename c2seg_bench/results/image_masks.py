"""Predicted masks of a few images, for the figures that show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.data.masks.packed import load_masks
from c2seg_bench.files import DamagedFile


def masks_of(predictions: Path, names: Sequence[str], size: int) -> NDArray[np.uint8]:
    """(K, size, size) 0/1, the masks of K images by name.

    Args:
        predictions: file of packed masks.
        size: side of the dataset's images.

    Raises:
        InputError: there is no such file.
        DamagedFile: it lacks one of the images, or its masks have another size.
    """
    stored, masks = load_masks(predictions)
    place = {name: i for i, name in enumerate(stored)}
    if missing := [name for name in names if name not in place]:
        raise DamagedFile(predictions, f"no mask of {missing[0]}")
    if masks.shape[1:] != (size, size):
        raise DamagedFile(predictions, f"its masks are {masks.shape[1:]} instead of {(size, size)}")
    return masks[[place[name] for name in names]].astype(np.uint8)
