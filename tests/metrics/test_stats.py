import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from metrics import InputError
from metrics.resample import subject_counts
from metrics.sample import Sample
from metrics.stats import (
    bootstrap_corrected,
    bootstrap_each,
    bootstrap_mean,
    bootstrap_means,
    bootstrap_statistics,
    paired_difference,
)
from metrics.trainings import draw_seeds, draw_seeds_of_means


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def width(interval):
    return interval.hi - interval.lo


def first_mean(values, seed=0, **options):
    """The percentile interval of the mean."""
    return bootstrap_statistics([[values]], {"mean": lambda means: means[..., 0]}, seed, **options)["mean"]


def test_percentile_interval_as_scipys():
    values = normal(0, 300) ** 2
    found = first_mean(values, n=20000)
    other = scipy_stats.bootstrap((values,), np.mean, n_resamples=20000, method="percentile", rng=2).confidence_interval
    assert found.mean == values.mean()
    assert (found.lo, found.hi) == pytest.approx((other.low, other.high), abs=0.01)


def test_studentised_interval_by_a_loop():
    values = normal(0, 40) ** 2
    found = bootstrap_mean(values, seed=1, n=20000)
    rng, ratios = np.random.default_rng(5), []
    for _ in range(20000):
        drawn = rng.choice(values, 40)
        ratios.append((drawn.mean() - values.mean()) / (drawn.std(ddof=1) / np.sqrt(40)))
    low, high = np.quantile(ratios, [0.025, 0.975])
    error = values.std(ddof=1) / np.sqrt(40)
    expected = (values.mean() - high * error, values.mean() - low * error)
    assert (found.lo, found.hi) == pytest.approx(expected, abs=0.05)


def test_few_subjects_have_students_t_interval():
    values = normal(3, 6)
    found = bootstrap_mean(values, 0, n=100000)
    expected = scipy_stats.t.interval(0.95, 5, values.mean(), values.std(ddof=1) / np.sqrt(6))
    assert (found.lo, found.hi) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("interval", [bootstrap_mean, first_mean])
def test_interval_covers_the_truth_as_often_as_it_says(interval):
    inside = 0
    for k in range(400):
        _, lo, hi = interval(normal(k, 40) ** 2, seed=k, n=300, level=0.9)
        inside += lo <= 1 <= hi
    assert 0.83 <= inside / 400 <= 0.94


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.integers(0, 2**63))
@settings(max_examples=40, deadline=None)
def test_a_shift_and_a_scale_move_the_interval_with_the_mean(values, seed):
    values = np.round(values, 3)
    mean, lo, hi = bootstrap_mean(values, seed, n=200)
    assert lo <= hi
    moved = bootstrap_mean(2 * np.add(values, 5), seed, n=200)
    assert moved == pytest.approx((2 * (mean + 5), 2 * (lo + 5), 2 * (hi + 5)), abs=1e-6, rel=1e-6)


def test_an_interval_is_cut_at_what_a_value_can_be():
    values = np.array([1.0] * 30 + [0.0])
    assert bootstrap_mean(values, 0).hi > 1
    assert bootstrap_mean(values, 0, bounds=(0, 1)).hi == 1
    assert bootstrap_mean(np.ones(30), 0) == (1, 1, 1)


def test_same_seed_same_numbers_whatever_the_chunk(monkeypatch):
    values = normal(0, 3, 40)
    first = bootstrap_mean(values, 7)
    assert bootstrap_mean(values, 7) == first != bootstrap_mean(values, 8)
    monkeypatch.setattr("metrics.resample.CHUNK", 40 * 7)
    assert bootstrap_mean(values, 7) == pytest.approx(first, abs=1e-12)


def test_nan_is_left_out_and_counted():
    values = np.array([1.0, np.nan, 3.0, np.nan])
    found = bootstrap_mean(values, 0)
    assert found == bootstrap_mean([1.0, 3.0], 0)
    assert (found.mean, found.n, found.dropped) == (2.0, 2, 2)
    nothing = bootstrap_mean([np.nan], 0)
    assert np.isnan(nothing).all() and (nothing.n, nothing.dropped) == (0, 1)
    alone = bootstrap_mean([1.0], 0)
    assert alone.mean == 1 and np.isnan([alone.lo, alone.hi]).all()  # one image says nothing of others


@pytest.mark.parametrize("subjects", [None, np.repeat(np.arange(20), 2), np.arange(40) // 8])
def test_several_means_at_once_are_those_of_each(subjects):
    holes = normal(3, 40)
    holes[:5] = np.nan
    values = [normal(0, 40), normal(1, 3, 40) + np.array([[0.0], [1.0], [2.0]]), holes]
    together = bootstrap_means(values, 5, n=300, subjects=subjects, bounds=(-0.1, 9.0))
    for one, found in zip(values, together, strict=True):
        alone = bootstrap_mean(one, 5, n=300, subjects=subjects, bounds=(-0.1, 9.0))
        assert found == pytest.approx(alone, rel=1e-9)
        assert (found.n, found.dropped, found.seeds) == (alone.n, alone.dropped, alone.seeds)
    assert bootstrap_means([], 5) == []


@pytest.mark.parametrize("subjects", [None, np.arange(40) // 3])
def test_what_other_trainings_add_to_means_is_what_the_general_formula_says(subjects):
    holes = normal(2, 4, 40)
    holes[0, :20] = np.nan
    values = [
        normal(0, 3, 40) + np.array([[0.0], [1.0], [2.0]]),
        normal(1, 2, 40),
        holes,
        normal(3, 3, 40),
        normal(4, 40),
    ]
    samples = [Sample.of([[array]], subjects) for array in values]
    together = draw_seeds_of_means(samples, 50, 7)
    alone = [draw_seeds(sample, [lambda means: means[..., 0]], 50, 7)[:, 0] for sample in samples]
    assert together == pytest.approx(np.stack(alone, axis=1), rel=1e-7, abs=1e-12)
    assert not together[:, [1, 4]].any() and together[:, 0].any()


@pytest.mark.parametrize("subjects", [np.arange(30), np.repeat(np.arange(15), 2)])
def test_intervals_of_many_methods_are_those_of_a_loop_over_draws(subjects):
    values = [normal(k, 30) ** 2 for k in range(3)]
    counts = np.concatenate([part for _, part in subject_counts(subjects.max() + 1, 200, 9)])
    for one, found in zip(values, bootstrap_means(values, 9, n=200, subjects=subjects), strict=True):
        parts = [one[subjects == s] for s in range(subjects.max() + 1)]
        errors = [error_in_units(drawn, parts, one.mean()) for drawn in counts.astype(int)]
        unit = standard_error(parts)
        low, high = np.quantile(errors, [0.025, 0.975])
        assert found == pytest.approx((one.mean(), one.mean() - high * unit, one.mean() - low * unit), rel=1e-9)


def error_in_units(counts, parts, mean):
    """(m* - m) / se* of one draw, written out."""
    drawn = [part for part, count in zip(parts, counts, strict=True) for _ in range(count)]
    return (np.concatenate(drawn).mean() - mean) / standard_error(drawn)


def standard_error(parts):
    """Of the mean of all values, over subjects with these values each."""
    every = np.concatenate(parts)
    squares = sum((part - every.mean()).sum() ** 2 for part in parts)
    return np.sqrt(squares * len(parts) / (len(parts) - 1)) / len(every)


def test_subjects_are_drawn_with_all_their_images():
    people = np.repeat(np.arange(100), 8)
    values = normal(0, 100)[people] + 0.1 * normal(1, 800)
    alone, together = bootstrap_mean(values, 0), bootstrap_mean(values, 0, subjects=people)
    of_means = bootstrap_mean(values.reshape(100, 8).mean(axis=1), 0)
    assert (alone.subjects, together.subjects, together.n) == (800, 100, 800)
    assert together == pytest.approx(of_means, abs=1e-9)  # of equal size: an interval of the subjects' means
    assert width(together) > 2 * width(alone)
    assert first_mean(values, subjects=people) == pytest.approx(first_mean(values.reshape(100, 8).mean(axis=1)))


def test_the_order_of_images_and_the_names_of_subjects_do_not_matter():
    rng = np.random.default_rng(0)
    people, values = rng.integers(0, 12, 60), rng.normal(size=60)
    expected = bootstrap_mean(values, 0, n=20000, subjects=people)
    order = rng.permutation(60)
    names = [f"patient {p}" for p in people[order]]
    assert bootstrap_mean(values[order], 0, n=20000, subjects=names) == pytest.approx(expected, abs=0.02)


def test_an_image_without_a_subject_is_one_of_its_own():
    values = normal(0, 50)
    assert bootstrap_mean(values, 0, subjects=[""] * 50) == bootstrap_mean(values, 0)
    assert bootstrap_mean(values, 0, subjects=["a", "a", *[None] * 48]).subjects == 49


def test_trainings_that_differ_widen_the_interval_from_three_on():
    images = normal(0, 200)
    alone = bootstrap_mean(images, 0)
    copies = bootstrap_mean(np.tile(images, (4, 1)), 0)
    assert width(copies) == pytest.approx(width(alone))  # copies add no certainty
    apart = np.array([[-1.0], [0.0], [1.0]])
    two, three = bootstrap_mean(images + apart[:2], 0), bootstrap_mean(images + apart, 0)
    assert width(two) == pytest.approx(width(alone)) and not two.of_trainings
    assert three.of_trainings and three.seeds == 3
    # Student's t of three trainings: 4.3 times their standard error
    assert width(three) == pytest.approx(2 * 4.303 / np.sqrt(3), rel=0.12)
    holes = np.tile(images, (2, 1))
    holes[0, :50] = np.nan
    assert bootstrap_mean(holes, 0).n == 200
    assert bootstrap_mean(holes, 0).mean == pytest.approx(np.nanmean(holes))


def test_what_seeds_and_images_do_together_is_not_counted_twice():
    noise = normal(0, 5, 300)  # the seeds do not differ but by chance
    assert width(bootstrap_mean(noise, 0)) < 1.25 * width(bootstrap_mean(noise.mean(axis=0), 0))


def test_paired_difference_sees_what_separate_intervals_do_not():
    hard = 10 * normal(0, 100)
    a, b = hard + 0.5 + 0.1 * normal(1, 100), hard + 0.1 * normal(2, 100)
    apart = [bootstrap_mean(v, 0) for v in (a, b)]
    assert apart[0].lo < apart[1].hi
    mean, lo, hi = paired_difference(a, b, seed=0)
    assert mean == pytest.approx((a - b).mean()) and lo > 0.4 and hi < 0.6
    assert paired_difference(b, a, seed=0) == pytest.approx((-mean, -hi, -lo), abs=0.01)
    assert paired_difference(a, a, seed=0) == (0, 0, 0)


def test_paired_difference_leaves_an_image_out_for_both():
    a, b = np.array([1.0, np.nan, 5.0]), np.array([0.0, 100.0, 1.0])
    found = paired_difference(a, b, seed=0)
    assert (found.mean, found.n, found.dropped) == (2.5, 2, 1)


def test_corrected():
    score, chance, ceiling, other = np.full(50, 0.7), np.full(50, 0.4), np.full(50, 0.8), np.full(50, 0.3)
    assert bootstrap_corrected(score, chance, ceiling, other, 0) == pytest.approx((0.6, 0.6, 0.6))
    assert bootstrap_corrected(ceiling, other, ceiling, other, 0) == (1, 1, 1)
    assert bootstrap_corrected(chance, chance, ceiling, other, 0) == (0, 0, 0)


def test_corrected_is_finite_where_a_method_has_more_chance_than_the_experts_reach():
    # a mask that suits every prompt: with its own chance below the line this was infinite or of the wrong sign
    score, chance = np.full(50, 0.9), np.full(50, 0.85)
    assert bootstrap_corrected(score, chance, np.full(50, 0.8), np.full(50, 0.6), 0).mean == pytest.approx(0.25)


def test_corrected_is_undefined_only_where_experts_are_at_chance():
    rng = np.random.default_rng(0)
    same = rng.uniform(0.5, 0.9, 40)  # all prompts state the same: every other prompt is one's own
    assert np.isnan(bootstrap_corrected(same, same, same, same, 0)).all()
    nearly = same - rng.normal(0.005, 0.05, 40)
    found = bootstrap_corrected(same, same - 0.1, same, nearly, 0)
    assert np.isfinite(found).all() and 0 < found.undefined < 1


def test_corrected_takes_the_images_that_state_something():
    score, chance = np.array([[0.5, np.nan, 1.0]] * 2), np.array([[0.5, np.nan, 0.5]] * 2)
    ceiling, other = np.array([1.0, np.nan, 1.0]), np.array([0.5, np.nan, 0.5])
    found = bootstrap_corrected(score, chance, ceiling, other, 0)
    assert (found.mean, found.n, found.dropped) == (0.5, 2, 1)


def test_a_group_shares_its_seeds():
    networks = np.array([[0.0], [5.0], [10.0]]) + normal(0, 3, 50)
    apart = {"d": lambda means: means[..., 0] - means[..., 1]}
    assert bootstrap_statistics([[networks, networks - 1]], apart, 0)["d"] == pytest.approx((1, 1, 1))
    _, lo, hi = bootstrap_statistics([[networks], [networks - 1]], apart, 0)["d"]
    assert lo < -5 and hi > 5  # two methods: their seeds have nothing to do with one another


@st.composite
def requests(draw):
    """Groups of arrays on the same images, with their own seeds and missing values; subjects; and a seed."""
    images = draw(st.integers(2, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    several = []
    for _ in range(draw(st.integers(1, 4))):
        groups = [
            rng.normal(2, 1, (rng.integers(1, 3), rng.integers(1, 5), images)) for _ in range(draw(st.integers(1, 3)))
        ]
        for group in groups:
            group[rng.random(group.shape) < rng.choice([0, 0.1, 0.4])] = np.nan
        several.append([list(group) for group in groups])
    subjects = draw(st.sampled_from([None, rng.integers(0, images // 2 + 1, images), ["", *"ab" * images][:images]]))
    return several, subjects, draw(st.integers(0, 99))


@given(requests())
@settings(max_examples=40, deadline=None)
def test_several_requests_at_once_are_those_of_each(drawn):
    several, subjects, seed = drawn
    statistics = {
        "first": lambda means: means[..., 0],
        "ratio": lambda means: means[..., 0] / means[..., -1],
        "seldom": lambda means: np.where(means[..., 0] > 2, means[..., 0], np.nan),
    }
    together = bootstrap_each([(groups, statistics) for groups in several], seed, n=50, subjects=subjects)
    for groups, found in zip(several, together, strict=True):
        alone = bootstrap_statistics(groups, statistics, seed, n=50, subjects=subjects)
        for name, interval in alone.items():
            assert found[name] == pytest.approx(interval, rel=1e-9, abs=1e-12, nan_ok=True)
            assert vars(found[name]) == pytest.approx(vars(interval))


def test_where_a_function_is_not_defined():
    undefined = {"nan": lambda means: np.full(means.shape[:-1], np.nan)}
    found = bootstrap_statistics([[[1.0, 2.0]]], undefined, 0)["nan"]
    assert np.isnan(found).all() and found.undefined == 1


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: bootstrap_mean([1.0, np.inf], 0), "infinite"),
        (lambda: bootstrap_mean(np.ones((2, 2, 2)), 0), "seeds, N"),
        (lambda: bootstrap_mean([1.0, 1e200], 0), "beyond 1e\\+100"),
        (lambda: bootstrap_mean(["a"], 0), "values: not an array of numbers"),
        (lambda: bootstrap_mean([[1.0, 2.0], [1.0]], 0), "values: not an array of numbers"),
        (lambda: bootstrap_mean([1j], 0), "complex"),
        (lambda: bootstrap_mean([1.0], 0, n=0), "n is 0"),
        (lambda: bootstrap_mean([1.0], 0, n=2.5), "n is 2.5"),
        (lambda: bootstrap_mean([1.0], -1), "seed -1: give a whole number"),
        (lambda: bootstrap_statistics([], {"m": lambda means: means[..., 0]}, 0), "no array of values"),
        (lambda: bootstrap_statistics([[[1.0]]], {}, 0), "no statistic"),
        (lambda: bootstrap_mean([1.0], 0, level=95), "level 95"),
        (lambda: bootstrap_mean([1.0, 2.0], 0, subjects=["a"]), "1 subjects for 2 images"),
        (lambda: paired_difference([1.0, 2.0], [1.0], 0), "values of 1 and 2 images"),
        (lambda: bootstrap_corrected(np.ones((2, 3)), *[np.ones(3)] * 3, 0), "one group have 2 and 1 seeds"),
    ],
)
def test_wrong_input(call, line):
    with pytest.raises(InputError, match=line) as error:
        call()
    assert "\n" not in str(error.value)
