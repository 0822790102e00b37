"""Verdicts on masks of flipped images, where the frame knows the position of the lungs."""

from __future__ import annotations

import numpy as np

from c2seg_bench.results.explorer.reasons import Reasons
from c2seg_bench.scoring.judge import Judge
from metrics.consistency import parse
from metrics.consistency.frame.extents import Extents


class KnownLungs(Reasons):
    """One image whose midline is far from its centre: a sixth of the width from the left."""

    def __init__(self):
        super().__init__(Judge.load("thirds"), np.array([0]))
        self._extents = Extents(np.array([[[0.0, 1.0], [0.0, 1.0]]]), np.array([1 / 6]))


def side(mask: np.ndarray, prompt: str, flipped: bool) -> int:
    reasons = KnownLungs()
    seen = reasons.features(mask[None], np.array([0]), flipped)
    [answers] = reasons.answers(seen, [parse(prompt, "chest")])
    return {axis: ok for axis, ok, _ in answers}["side"]


def test_lungs_are_flipped_with_their_image():
    mask = np.zeros((48, 48), bool)
    mask[8:24, 12:22] = True  # left of the centre, and yet right of the midline
    assert side(mask, "lesion in the right lung", flipped=False) == 1
    assert side(mask[:, ::-1], "lesion in the left lung", flipped=True) == 1
    assert side(mask[:, ::-1], "lesion in the right lung", flipped=True) == 0
