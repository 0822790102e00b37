"""Augmentation changes light, never places: the prompt's left and upper stay true."""

import numpy as np
import pytest

from c2seg_bench.data.augment import photometric
from c2seg_bench.seeding import rng


def batch() -> np.ndarray:
    """Each picture one bright square on dark, in its own place."""
    images = np.full((4, 3, 32, 32), 0.3, np.float32)
    for i in range(4):
        images[i, :, 3 + 5 * i : 9 + 5 * i, 20 - 4 * i : 28 - 4 * i] = 0.7
    return images


def test_the_generator_alone_decides_and_the_input_is_kept():
    images = batch()
    first, again, other = (photometric(images, rng("a", k)) for k in (0, 0, 1))
    assert (first == again).all() and (first != other).any() and (images == batch()).all()
    assert first.dtype == np.float32 and first.shape == images.shape and first.min() >= 0 and first.max() <= 1


def test_bright_stays_bright_where_it_was():
    images = batch()
    for k in range(20):
        changed = photometric(images, rng("b", k))
        for before, after in zip(images, changed, strict=True):
            square = before > 0.5
            middle = (after[square].mean() + after[~square].mean()) / 2
            assert ((after > middle) == square).mean() > 0.98


def test_grey_stays_grey_and_pictures_differ():
    changed = photometric(np.full((6, 3, 8, 8), 0.5, np.float32), rng("c"))
    assert changed[:, 0] == pytest.approx(changed[:, 1]) and changed[:, 0] == pytest.approx(changed[:, 2])
    assert np.ptp(changed.mean((1, 2, 3))) > 0.02
