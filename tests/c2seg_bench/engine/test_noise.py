"""Noise in training: drawn by name, at the stated share, and part of what a checkpoint stands for."""

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.engine.noise import NoisyRows, all_variants, variants
from c2seg_bench.stress import FAMILIES
from c2seg_bench.suite import Cell, Noise, Suite

PROMPTS = [
    f"one infected area, {row} {side} lung" for row in ("upper", "middle", "lower") for side in ("left", "right")
]


class Table:
    """Prompts by number."""

    def __init__(self, prompts):
        self.prompts = list(dict.fromkeys(prompts))

    def rows(self, prompts):
        return np.array([self.prompts.index(p) for p in prompts])


class CellInputs:
    def __init__(self, noise):
        prompts = PROMPTS * 50
        self.cache = type("Cache", (), {"index": pd.DataFrame({"prompt": prompts})})()
        self.table = Table(PROMPTS + all_variants(PROMPTS, noise))
        self.prompt_rows = self.table.rows(prompts)


def test_the_default_families_keep_the_meaning():
    assert {FAMILIES[name].kind for name in Noise().families} == {"kept"}
    assert set(Noise(families="all").families) == set(FAMILIES)


def test_a_share_of_the_prompts_is_noisy_and_all_others_are_clean():
    noise = Noise(share=0.4, families=["swap"], variants=3)
    inputs, rows = CellInputs(noise), np.arange(300)
    rows_met = NoisyRows(inputs, rows, noise, ("suite", "cell"))(rows, epoch=0)
    changed = rows_met != inputs.prompt_rows
    assert 0.3 < changed.mean() < 0.5
    for row in rows[changed]:
        prompt = inputs.cache.index["prompt"][row]
        assert inputs.table.prompts[rows_met[row]] in variants(prompt, noise)


def test_the_variants_of_a_prompt_are_different_ones():
    assert len(set(variants(PROMPTS[0], Noise(families=["keyboard"], variants=8)))) > 4


def test_a_variant_that_leaves_the_prompt_as_it_is_is_drawn_again():
    pairs = [(p, v) for p in PROMPTS for v in variants(p, Noise(variants=40))]
    assert sum(p == v for p, v in pairs) == 0
    assert variants("polyp", Noise(families=["punctuation"], variants=2)) == ["polyp", "polyp"]


def test_another_images_prompt_comes_from_the_training_prompts_and_is_in_the_table():
    noise = Noise(share=1, families=["other_prompt"], variants=3)
    inputs, rows = CellInputs(noise), np.arange(300)
    rows_met = NoisyRows(inputs, rows, noise, ("suite", "cell"))(rows, 0)
    assert (rows_met != inputs.prompt_rows).all() and {inputs.table.prompts[i] for i in rows_met} <= set(PROMPTS)


def test_which_are_noisy_depends_on_names_and_not_on_the_batch():
    noise = Noise(share=0.5, families=["swap"], variants=3)
    inputs, rows = CellInputs(noise), np.arange(300)
    noisy = NoisyRows(inputs, rows, noise, ("suite", "cell"))
    whole = noisy(rows, 2)
    np.testing.assert_array_equal(noisy(rows[::-1], 2)[::-1], whole)
    np.testing.assert_array_equal(np.concatenate([noisy(rows[:7], 2), noisy(rows[7:], 2)]), whole)
    assert (noisy(rows, 3) != whole).any()
    assert (NoisyRows(inputs, rows, noise, ("suite", "other"))(rows, 2) != whole).any()


@pytest.mark.parametrize("train, same", [({}, True), ({"noise": {"share": 0.5}}, False)])
def test_noise_is_part_of_what_a_checkpoint_stands_for(tmp_path, train, same):
    datasets = {"p": {"source": "phantom", "size": 32}}
    plain = Suite(name="s", datasets=datasets, methods=["lvit"])
    other = Suite(name="s", datasets=datasets, methods=[{"name": "lvit", "train": train}])
    one, two = (Cell(s, "p", s.methods[0], 0, tmp_path).request() for s in (plain, other))
    assert (one["train"] == two["train"]) == same and "noise" not in one["train"]
