"""The size of a pixel in mm, from the command line or from NIfTI headers."""

from __future__ import annotations

import numpy as np

from c2seg_bench.data.images.stacks import spacing_of
from c2seg_bench.data.pairing.pairs import MaskPairs
from c2seg_bench.errors import InputError

HEADER = "header"


def spacings_of(pairs: MaskPairs, spacing: str) -> np.ndarray:
    """(N, 2) row and column step of every pair in mm, or (N, 3) with the slice step first for volumes.

    Args:
        spacing: "ROW,COLUMN", one number for both, "SLICE,ROW,COLUMN" for volumes, or "header": the targets' own.

    Raises:
        InputError: it is none of these, or a header that is missing.
    """
    axes = 3 if pairs.how.stacks == "volumes" else 2
    if spacing.strip().lower() == HEADER:
        return np.array([spacing_of(pair.target)[-axes:] for pair in pairs.pairs], float).reshape(-1, axes)
    try:
        steps = [float(step) for step in spacing.split(",")]
    except ValueError:
        steps = []
    steps = steps * axes if len(steps) == 1 else steps
    if len(steps) != axes or not all(0 < step < np.inf for step in steps):
        form = "SLICE,ROW,COLUMN" if axes == 3 else "ROW,COLUMN"
        raise InputError(f"--spacing {spacing}: give {form} in mm, such as {','.join(['0.7'] * axes)}, or {HEADER}")
    return np.tile(steps, (len(pairs), 1))
