"""Which cases of many a page shows, and in which order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from c2seg_bench.results.explorer.choose import CASES, FILES, IMAGES, choose_clean, choose_edited, edited_trainings
from c2seg_bench.results.explorer.order import clean_in_order, edited_in_order
from c2seg_bench.results.explorer.pairs import Grid, Pair
from c2seg_bench.rundir import CLEAN, Condition


def grid_of(dice: np.ndarray, consistent: np.ndarray | None = None) -> Grid:
    """A grid (C, N, M) of made-up scores."""
    c, n, m = dice.shape
    values = {name: np.full(dice.shape, np.nan) for name in ("dice", "score", "consistent", "stability")}
    values["dice"] = dice
    if consistent is not None:
        values["consistent"] = consistent
    conditions = [CLEAN, *(Condition("keyboard", k) for k in range(1, c))]
    methods = [f"m{k}" for k in range(m)]
    prompts = np.full((c, n), "", object)
    return Grid("d", conditions, [f"i{k}" for k in range(n)], methods, [0] * m, values, prompts)


def test_every_order_has_its_leader_among_the_first():
    dice = np.random.default_rng(0).uniform(0.3, 0.7, (2, 60, 2))
    consistent = np.full(dice.shape, np.nan)
    dice[1, 7, 0], consistent[1, 9, 0], consistent[1, 8, 1] = 0.01, 1, 0  # lowest; consistent; inconsistent
    dice[0, 5, 1] = 0.99  # the largest drop
    dice[1, 3] = [0.0001, 0.9]  # the largest difference, and the lowest
    every = [[0, 1]]
    first = list(edited_in_order([grid_of(dice, consistent)], "suite", every))[:14]
    assert {(0, Pair(1, image)) for image in (3, 5, 7, 8, 9)} <= set(first)
    assert len(set(first)) == len(first)
    assert len(list(edited_in_order([grid_of(dice, consistent)], "suite", every))) == 60
    assert sorted(clean_in_order([grid_of(dice, consistent)], "suite")) == [(0, Pair(0, image)) for image in range(60)]


def test_what_was_not_scored_is_in_no_order():
    dice = np.full((2, 5, 1), np.nan)
    dice[0], dice[1, 2] = 0.5, 0.4
    assert list(edited_in_order([grid_of(dice)], "suite", [[0]])) == [(0, Pair(1, 2))]


def test_bounds_on_pairs_and_files():
    many, every = grid_of(np.random.default_rng(0).uniform(0, 1, (40, 30, 20))), list(range(20))
    assert 20 * len(choose_edited([many], "suite", {(0, image) for image in range(30)}, [every])) <= CASES
    wide = grid_of(np.random.default_rng(0).uniform(0, 1, (1, 500, 20)))
    assert len(choose_clean([wide], "suite")) == CASES // 20
    assert len(choose_clean([grid_of(np.zeros((1, 500, 2)))], "suite")) == IMAGES
    clean = choose_clean([many, many], "suite")
    assert len(clean) == 60 and all(pair.condition == 0 for _, pair in clean)
    images = {(g, pair.image) for g, pair in clean if pair.image < 10}
    chosen = choose_edited([many, many], "suite", images, [every, every])
    assert all(pair.image < 10 for _, pair in chosen)
    opened = {(g, pair.condition) for g, pair in chosen} | {(0, 0), (1, 0)}
    assert 20 * len(opened) <= FILES < 20 * (len(opened) + 1)


def test_many_trainings_show_every_condition_of_each_method_s_first():
    dice = np.random.default_rng(0).uniform(0, 1, (50, 30, 18))
    methods = [f"m{k // 3}" for k in range(18)]
    grid = replace(grid_of(dice), methods=methods, seeds=[0, 1, 2] * 6)
    trainings = edited_trainings([grid])
    assert trainings == [[0, 3, 6, 9, 12, 15]]
    chosen = choose_edited([grid], "suite", {(0, image) for image in range(30)}, trainings)
    of_condition = np.bincount([pair.condition for _, pair in chosen], minlength=50)
    assert len(chosen) == CASES // 6
    assert of_condition[0] == 0 and of_condition[1:].min() >= 5
    few = replace(grid_of(dice[:10]), methods=methods, seeds=[0, 1, 2] * 6)
    assert edited_trainings([few]) == [list(range(18))]


def test_the_worst_of_every_kind_of_edited_prompt_is_among_the_first():
    """A part with a Dice of 0.3 is the worst part, though prompts without a lesion have 0."""
    dice = np.random.default_rng(0).uniform(0.5, 0.9, (5, 40, 1))
    dice[2], dice[1, 7] = 0.0, 0.3
    conditions = [CLEAN, *(Condition(kind, 1) for kind in ("part", "nowhere", "mirrored", "conflict"))]
    grid = replace(grid_of(dice), conditions=conditions)
    first = list(edited_in_order([grid], "suite", [[0]]))[:8]
    assert (0, Pair(1, 7)) in first
    assert {pair.condition for _, pair in first} == {1, 2, 3, 4}
