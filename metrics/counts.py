"""The numbers of pixels that overlap is computed from."""

from __future__ import annotations

from typing import NamedTuple


class PixelCounts(NamedTuple):
    """Pixels in both masks, in the prediction, and in the target."""

    inter: int
    pred_area: int
    target_area: int
