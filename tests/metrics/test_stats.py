import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap as scipy_bootstrap

from metrics import InputError
from metrics.stats import (
    bootstrap_corrected,
    bootstrap_mean,
    bootstrap_statistics,
    paired_difference,
    rank_intervals,
    tie_groups,
)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def test_interval_as_scipys():
    values = normal(0, 300) ** 2
    mean, lo, hi = bootstrap_mean(values, seed=1, n=20000)
    other = scipy_bootstrap((values,), np.mean, n_resamples=20000, method="percentile", rng=2).confidence_interval
    assert mean == values.mean()
    assert (lo, hi) == pytest.approx((other.low, other.high), abs=0.01)


def test_interval_covers_the_truth_as_often_as_it_says():
    inside = 0
    for k in range(400):
        _, lo, hi = bootstrap_mean(normal(k, 60), seed=k, n=300, level=0.9)
        inside += lo <= 0 <= hi
    assert 0.84 <= inside / 400 <= 0.94


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(0, 2**63))
@settings(max_examples=30, deadline=None)
def test_mean_lies_in_its_interval_and_shift_moves_it(values, seed):
    mean, lo, hi = bootstrap_mean(values, seed, n=200)
    assert min(values) - 1e-9 <= lo <= hi <= max(values) + 1e-9
    moved = bootstrap_mean(np.add(values, 5), seed, n=200)
    assert moved == pytest.approx((mean + 5, lo + 5, hi + 5), abs=1e-8)


def test_same_seed_same_numbers_whatever_the_chunk(monkeypatch):
    values = normal(0, 3, 40)
    first = bootstrap_mean(values, 7)
    assert bootstrap_mean(values, 7) == first != bootstrap_mean(values, 8)
    monkeypatch.setattr("metrics.stats.CHUNK", 40 * 7)
    assert bootstrap_mean(values, 7) == pytest.approx(first, abs=1e-12)


def test_nan_is_left_out_and_counted():
    values = np.array([1.0, np.nan, 3.0, np.nan])
    found = bootstrap_mean(values, 0)
    assert found == bootstrap_mean([1.0, 3.0], 0)
    assert (found.mean, found.n, found.dropped) == (2.0, 2, 2)
    nothing = bootstrap_mean([np.nan], 0)
    assert np.isnan(nothing).all() and (nothing.n, nothing.dropped) == (0, 1)


def test_nested_seeds():
    images = normal(0, 200)
    alone = bootstrap_mean(images, 0)
    copies = bootstrap_mean(np.tile(images, (4, 1)), 0)
    assert np.subtract(*copies[:0:-1]) == pytest.approx(np.subtract(*alone[:0:-1]), rel=0.15)  # copies add no certainty
    scattered = bootstrap_mean(images + np.array([[-1], [-1], [1], [1]]), 0)
    assert scattered.mean == pytest.approx(images.mean())
    assert scattered.hi - scattered.lo > 3 * (copies.hi - copies.lo)  # seeds that disagree do take some away
    holes = np.tile(images, (2, 1))
    holes[0, :50] = np.nan
    assert bootstrap_mean(holes, 0).n == 200
    assert bootstrap_mean(holes, 0).mean == pytest.approx(np.nanmean(holes))


def test_paired_difference_sees_what_separate_intervals_do_not():
    hard = 10 * normal(0, 100)
    a, b = hard + 0.5 + 0.1 * normal(1, 100), hard + 0.1 * normal(2, 100)
    apart = [bootstrap_mean(v, 0) for v in (a, b)]
    assert apart[0].lo < apart[1].hi
    mean, lo, hi = paired_difference(a, b, seed=0)
    assert mean == pytest.approx((a - b).mean()) and lo > 0.4 and hi < 0.6
    assert paired_difference(b, a, seed=0) == pytest.approx((-mean, -hi, -lo))
    assert paired_difference(a, a, seed=0) == (0, 0, 0)


def test_paired_difference_leaves_an_image_out_for_both():
    a, b = np.array([1.0, np.nan, 5.0]), np.array([0.0, 100.0, 1.0])
    found = paired_difference(a, b, seed=0)
    assert (found.mean, found.n, found.dropped) == (2.5, 2, 1)


def test_corrected():
    score, chance, ceiling = np.full(50, 0.7), np.full(50, 0.4), np.full(50, 0.8)
    assert bootstrap_corrected(score, chance, ceiling, 0) == pytest.approx((0.75, 0.75, 0.75))
    rng = np.random.default_rng(0)
    chance, ceiling = rng.uniform(0.1, 0.3, 300), rng.uniform(0.7, 1, 300)
    expert = bootstrap_corrected(ceiling, chance, ceiling, 0)
    assert expert == pytest.approx((1, 1, 1)) and bootstrap_corrected(chance, chance, ceiling, 0).mean == 0
    noisy = rng.uniform(0, 1, (3, 300))
    noisy[:, :20] = np.nan
    mean, lo, hi = found = bootstrap_corrected(noisy, np.tile(chance, (3, 1)), ceiling, 0)
    keep = slice(20, None)
    by_hand = (np.nanmean(noisy) - chance[keep].mean()) / (ceiling[keep].mean() - chance[keep].mean())
    assert mean == pytest.approx(by_hand) and lo < mean < hi and found.dropped == 20


def test_corrected_says_nothing_where_experts_are_no_better_than_chance():
    assert np.isnan(bootstrap_corrected([0.5] * 4, [0.5] * 4, [0.5] * 4, 0)).all()


def test_a_ratio_as_scipys():
    above, below = normal(0, 200) + 5, normal(1, 200) + 9
    ratio = {"ratio": lambda means: means[..., 0] / means[..., 1]}
    value, lo, hi = bootstrap_statistics([[above], [below]], ratio, seed=0, n=20000)["ratio"]
    other = scipy_bootstrap(
        (above, below), lambda a, b, axis: a.mean(axis) / b.mean(axis), paired=True, n_resamples=20000,
        method="percentile", rng=1,
    ).confidence_interval  # fmt: skip
    assert value == pytest.approx(above.mean() / below.mean())
    assert (lo, hi) == pytest.approx((other.low, other.high), abs=2e-3)


def test_a_group_shares_its_seeds():
    networks = np.array([[0.0], [10.0]]) + normal(0, 2, 50)
    apart = {"d": lambda means: means[..., 0] - means[..., 1]}
    assert bootstrap_statistics([[networks, networks - 1]], apart, 0)["d"] == pytest.approx((1, 1, 1))
    _, lo, hi = bootstrap_statistics([[networks], [networks - 1]], apart, 0)["d"]
    assert lo < -5 and hi > 5  # two methods: their seeds have nothing to do with one another


def test_where_a_function_is_not_defined():
    undefined = {"nan": lambda means: np.full(means.shape[:-1], np.nan)}
    assert np.isnan(bootstrap_statistics([[[1.0, 2.0]]], undefined, 0)["nan"]).all()


def test_letters_and_ranks():
    hard = normal(0, 200)
    values = {
        "worst": hard - 2,
        "second": hard + 0.02 * normal(1, 200),
        "first": hard + 0.001 + 0.02 * normal(2, 200),
        "twins": np.stack([hard - 1, hard - 1.0001]),
    }
    assert tie_groups(values, seed=0) == {"first": "a", "second": "a", "twins": "b", "worst": "c"}
    assert list(tie_groups(values, seed=0)) == ["first", "second", "twins", "worst"]
    assert list(tie_groups(values, seed=0, higher_is_better=False).items())[0] == ("worst", "a")
    ranks = rank_intervals(values, seed=0)
    assert ranks["first"] == ranks["second"] == (1, 2)
    assert ranks["twins"] == (3, 3) and ranks["worst"] == (4, 4)
    assert tie_groups({}, seed=0) == {}


def test_letters_go_on_after_z():
    values = {f"m{k:02}": np.full(3, -k) for k in range(28)}
    assert list(tie_groups(values, seed=0, n=10).values())[24:] == ["y", "z", "aa", "ab"]


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: bootstrap_mean([1.0, np.inf], 0), "infinite"),
        (lambda: bootstrap_mean(np.ones((2, 2, 2)), 0), "seeds, N"),
        (lambda: bootstrap_mean([1.0], 0, n=0), "n is 0"),
        (lambda: bootstrap_mean([1.0], 0, level=95), "level 95"),
        (lambda: paired_difference([1.0, 2.0], [1.0], 0), "values of 1 and 2 images"),
        (lambda: bootstrap_corrected(np.ones((2, 3)), np.ones(3), np.ones(3), 0), "one group have 2 and 1 seeds"),
        (lambda: tie_groups({"a": [np.nan], "b": [1.0]}, 0), "for all of a, b"),
    ],
)
def test_wrong_input(call, line):
    with pytest.raises(InputError, match=line):
        call()
