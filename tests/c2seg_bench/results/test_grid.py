"""Scores looked up by method, seed, condition and image: as a pivot of the rows gives them."""

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.results.grid import Grid

IMAGES = [f"i{k}" for k in range(7)]


def scores():
    """Rows in no order; method b lacks a seed under noise, and a picture everywhere."""
    rng = np.random.default_rng(0)
    rows = [
        {"method": m, "seed": s, "condition": c, "image": i, "dice": rng.random(), "prompt": f"{i} {c if s else ''}"}
        for m in "ab"
        for s in (2, 0, 1)
        for c in ("clean", "swap-1", "swap-3")
        for i in IMAGES
        if not (m == "b" and ((s == 1 and c == "swap-3") or i == "i4"))
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=0)


@pytest.mark.parametrize("method", ["a", "b"])
@pytest.mark.parametrize("condition", ["clean", "swap-1", "swap-3"])
def test_values_are_those_of_a_pivot(method, condition):
    table = scores()
    rows = table[(table["method"] == method) & (table["condition"] == condition)]
    expected = rows.pivot(index="seed", columns="image", values="dice").reindex(columns=IMAGES)
    found = Grid(table).values("dice", method, condition, IMAGES)
    np.testing.assert_array_equal(found, expected.to_numpy())


def test_curves_have_a_line_for_every_seed_of_the_method():
    table, conditions = scores(), ["clean", "swap-3", "never-1"]
    grid = Grid(table)
    assert grid.seeds("b") == [0, 1, 2]
    pivot = table[table["method"] == "b"].pivot(index=["condition", "seed"], columns="image", values="dice")
    every = pd.MultiIndex.from_product([conditions, [0, 1, 2]])
    expected = pivot.reindex(index=every, columns=IMAGES).to_numpy().reshape(3, 3, len(IMAGES))
    found = grid.curves("dice", "b", conditions, IMAGES)
    np.testing.assert_array_equal(found, expected)
    assert np.isnan(found[1, 1]).all() and np.isfinite(found[1, 0]).any()  # it lacks seed 1 under swap-3


def test_what_there_is():
    grid = Grid(scores())
    assert sorted(grid.methods) == ["a", "b"]
    assert set(grid.conditions_of("b")) == {"clean", "swap-1", "swap-3"}
    assert set(grid.images("b", "clean")) == set(IMAGES) - {"i4"}
    assert set(grid.noisy_images(["swap-1"])) == set(IMAGES)


def test_share_of_prompts_that_stayed():
    table = scores()
    clean = table[(table["method"] == "a") & (table["condition"] == "clean") & (table["seed"] == 0)]
    prompt = clean.set_index("image")["prompt"]
    for condition in ("clean", "swap-1"):
        rows = table[(table["method"] == "a") & (table["condition"] == condition)]
        expected = (rows["prompt"].to_numpy() == prompt.loc[rows["image"]].to_numpy()).mean()
        assert Grid(table).same_text("prompt", "a", condition, "clean", IMAGES) == pytest.approx(expected)
