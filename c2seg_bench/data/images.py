"""Pictures and masks from files, with one stated rule for masks: nearest resize, then above 127."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from c2seg_bench.errors import InputError


def read_image(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB; InputError names a file that is not a whole picture."""
    return cv2.cvtColor(_read(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def read_mask(path: Path) -> np.ndarray:
    """(H, W) uint8, 1 where the file's grey value is above 127 (JPEG artefacts stay below); 0/1 files are taken as is."""
    grey = _read(path, cv2.IMREAD_GRAYSCALE)
    return (grey > (127 if grey.max(initial=0) > 1 else 0)).astype(np.uint8)


def _read(path: Path, mode: int) -> np.ndarray:
    try:
        data = np.fromfile(path, np.uint8)
    except FileNotFoundError:
        raise InputError(f"{path}: no such picture; mend the folder or the table that names it") from None
    found = cv2.imdecode(data, mode) if len(data) else None
    if found is None:
        raise InputError(f"{path}: not a readable picture (broken or another format); replace the file")
    return found
