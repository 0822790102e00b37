"""The learning rate, the order of pictures and early stopping, by their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c2seg_bench.engine.schedule import cosine, shuffled, stops_early


def test_the_rate_falls_from_lr_to_min_lr_along_half_a_cosine():
    rates = [0.01 * cosine(step, 100, 0.01, 0.001) for step in range(101)]
    assert (rates[0], rates[50], rates[100]) == pytest.approx((0.01, 0.0055, 0.001))
    assert all(a > b for a, b in zip(rates, rates[1:], strict=False))
    assert rates[25] == pytest.approx(0.001 + 0.009 * (1 + math.cos(math.pi / 4)) / 2)


def test_a_minimum_above_the_rate_keeps_the_rate():
    assert {cosine(step, 10, 0.01, 0.1) for step in range(11)} == {1.0}


@given(st.integers(1, 60), st.integers(1, 9), st.integers())
def test_an_epoch_has_every_picture_once_and_no_batch_of_one_after_another(n, batch, seed):
    parts = shuffled(np.arange(n), batch, "suite", seed)
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert all(len(part) <= batch + 1 for part in parts)
    assert len(parts) == 1 or batch == 1 or all(len(part) > 1 for part in parts)


def test_the_names_alone_decide_the_order():
    first, again, other = (np.concatenate(shuffled(np.arange(30), 4, "a", k)) for k in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize(("epoch", "stops"), [(3, False), (5, False), (6, True)])
def test_training_ends_after_more_than_patience_epochs_without_a_better_one(epoch, stops):
    assert stops_early(epoch, best_epoch=3, patience=2) is stops
    assert not stops_early(epoch, best_epoch=3, patience=None)
