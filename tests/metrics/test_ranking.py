import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import InputError
from metrics.ranking import letters_of, places, places_of
from metrics.sample import Sample


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def letters(found):
    return {name: place.letters for name, place in found.items()}


def test_letters_and_ranks():
    hard = normal(0, 200)
    values = {
        "worst": hard - 2,
        "second": hard + 0.02 * normal(1, 200),
        "first": hard + 0.001 + 0.02 * normal(2, 200),
        "twins": np.stack([hard - 1, hard - 1.0001]),
    }
    found = places(values, seed=0)
    assert letters(found) == {"first": "a", "second": "a", "twins": "b", "worst": "c"}
    assert list(found) == ["first", "second", "twins", "worst"]
    assert next(iter(places(values, 0, higher_is_better=False).items())) == ("worst", ("a", 1, 1))
    assert found["first"][1:] == found["second"][1:] == (1, 2)
    assert found["twins"][1:] == (3, 3) and found["worst"][1:] == (4, 4)
    assert places({}, seed=0) == {}
    assert places({"alone": hard}, seed=0) == {"alone": ("a", 1, 1)}


def test_one_between_two_that_are_apart_has_the_letters_of_both():
    noise = 0.5 * normal(1, 3, 100)
    noise -= noise.mean(axis=1, keepdims=True)
    values = {name: gap + noise[k] for k, (name, gap) in enumerate({"A": 0.24, "B": 0.12, "C": 0.0}.items())}
    found = places(values, seed=0)
    assert letters(found) == {"A": "a", "B": "ab", "C": "b"}
    assert [place[1:] for place in found.values()] == [(1, 2), (1, 3), (2, 3)]


@given(st.integers(1, 9).flatmap(lambda m: st.lists(st.booleans(), min_size=m * m, max_size=m * m)))
@settings(max_examples=150, deadline=None)
def test_two_share_a_letter_if_and_only_if_they_do_not_differ(flags):
    size = int(np.sqrt(len(flags)))
    apart = np.triu(np.array(flags[: size * size]).reshape(size, size), 1)
    found = letters_of(apart | apart.T)
    for i in range(size):
        for j in range(i):
            assert bool(set(found[i]) & set(found[j])) != apart[j, i]
    assert "a" in found[0]


def test_letters_go_on_after_z():
    found = letters_of(~np.eye(28, dtype=bool))
    assert found[24:] == ["y", "z", "aa", "ab"]


@pytest.mark.parametrize("methods", [2, 8])
def test_equal_methods_rarely_differ(methods):
    false = 0
    for k in range(150):
        rng = np.random.default_rng(k)
        hard = rng.normal(size=60)
        values = {f"m{i}": hard + 0.5 * rng.normal(size=60) for i in range(methods)}
        false += len(set(letters(places(values, k, n=300)).values())) > 1
    assert false <= 15  # 7.5 expected, and 14 in 99 % of the cases


def test_three_trainings_say_how_far_trainings_differ():
    rng = np.random.default_rng(0)
    hard, networks = rng.normal(size=(1, 200)), np.array([[-0.6], [0.0], [0.6]])
    values = {"a": hard + 0.5 + networks + 0.1 * rng.normal(size=(3, 200)), "b": hard + networks[::-1]}
    assert letters(places(values, 0)) == {"a": "a", "b": "a"}
    these = {name: v[:2] for name, v in values.items()}  # two say nothing: of these trainings alone, a is better
    these["b"] = values["b"][1:]
    assert set(letters(places(these, 0)).values()) == {"a", "b"}


def test_each_pair_is_compared_by_what_its_own_trainings_vary():
    hard, tiny = normal(0, 100), 0.01 * normal(1, 3, 100)
    steady = {"better": hard + 0.4 + tiny, "worse": hard - tiny}
    wild = hard + 0.2 + np.array([[-3.0], [0.0], [3.0]]) + tiny[::-1]
    found = letters(places({**steady, "wild": wild}, 0))
    assert not set(found["better"]) & set(found["worse"])  # whose trainings agree, however much those of wild differ
    assert set(found["wild"]) >= set(found["better"]) | set(found["worse"])


def test_subjects():
    people = np.repeat(np.arange(20), 20)
    difference = normal(0, 20)[people] + 0.4
    values = {"a": difference, "b": np.zeros(400)}
    assert set(letters(places(values, 0)).values()) == {"a", "b"}
    assert set(letters(places(values, 0, subjects=people)).values()) == {"a"}


def test_one_statistic_per_method_and_none_where_it_is_undefined():
    rng = np.random.default_rng(0)
    sample = Sample.of([[rng.normal(1, 0.1, 50)], [rng.normal(2, 0.1, 50)], [np.zeros(50)]])
    ratio = {
        name: lambda m, k=k: np.divide(m[..., 0], m[..., k], out=np.full(m.shape[:-1], np.nan), where=m[..., k] > 0)
        for name, k in (("own", 0), ("half", 1), ("none", 2))
    }
    assert places_of(sample, ratio, 0) == {"own": ("a", 1, 1), "half": ("b", 2, 2)}


def test_wrong_input():
    with pytest.raises(InputError, match="for all of a, b"):
        places({"a": [np.nan], "b": [1.0]}, 0)
    with pytest.raises(InputError, match="level 95"):
        places({"a": [2.0], "b": [1.0]}, 0, level=95)
