"""Files with several slices: pages of a TIFF, arrays with three axes, NIfTI volumes. A slice is an image (H, W)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from c2seg_bench.data.images.arrays import read_array
from c2seg_bench.data.images.image_files import DECODERS
from c2seg_bench.data.images.volumes import read_nifti, steps_of
from c2seg_bench.data.names import ARRAY_ENDINGS, VOLUME_ENDINGS
from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import SLICES, too_large

CACHED = 2  # arrays in memory while their slices are read one by one: a prediction and its target


def depth_of(path: Path) -> int:
    """Number of slices; 1 for a file of one image. InputError if the file cannot be read."""
    if path.name.lower().endswith((*ARRAY_ENDINGS, *VOLUME_ENDINGS)):
        return len(read_stack(path))
    try:
        with Image.open(path, formats=DECODERS) as image:
            pages = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    except Exception:  # every decoder has its own
        return 1  # reported when it is read
    return _checked_depth(pages, path)


def read_stack(path: Path) -> np.ndarray:
    """(D, H, W) the slices of an array or a volume, as numbers of any type; InputError names the file."""
    return _read_cached(path, path.stat().st_mtime_ns) if path.exists() else _missing(path)


def spacing_of(path: Path) -> tuple[float, float, float]:
    """(slice, row, column) step in mm, from a NIfTI file's header; InputError if the file has no such header."""
    if not path.name.lower().endswith(VOLUME_ENDINGS):
        raise InputError(f"{path}: has no spacing in a header, only NIfTI does; give --spacing ROW,COLUMN in mm")
    return steps_of(path)


@lru_cache(maxsize=CACHED)
def _read_cached(path: Path, changed: int) -> np.ndarray:
    stack = read_nifti(path) if path.name.lower().endswith(VOLUME_ENDINGS) else read_array(path)
    _checked_depth(len(stack), path)
    stack.flags.writeable = False
    return stack


def _checked_depth(depth: int, path: Path) -> int:
    if depth > SLICES:
        raise too_large(path, depth, SLICES, "slices", "give a mask (H, W), or slices (D, H, W), D first")
    return depth


def _missing(path: Path) -> np.ndarray:
    raise InputError(f"{path}: no such file; correct the folder or the table that names it")
