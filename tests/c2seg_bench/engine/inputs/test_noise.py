"""Noise in training: drawn by name, at the stated share, and part of what a checkpoint stands for."""

import numpy as np
import pytest

from c2seg_bench.engine.inputs.noise import Wordings, all_variants, variants
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


def wordings(noise, key=("suite", "cell")):
    """300 images: the table, the row of each one's own prompt, and the wordings of those."""
    prompts = PROMPTS * 50
    table = Table(PROMPTS + all_variants(PROMPTS, noise))
    return table, table.rows(prompts), Wordings(table, prompts, noise, key)


def test_the_default_families_keep_the_meaning():
    assert {FAMILIES[name].kind for name in Noise().families} == {"kept"}
    assert set(Noise(families="all").families) == set(FAMILIES)


def test_a_share_of_the_prompts_is_noisy_and_all_others_are_clean():
    noise = Noise(share=0.4, families=["swap"], variants=3)
    table, own, noisy = wordings(noise)
    given = noisy.replaced(own, np.arange(300), epoch=0)
    assert 0.3 < (given != own).mean() < 0.5
    for before, after in zip(own, given, strict=True):
        assert before == after or table.prompts[after] in variants(table.prompts[before], noise)


def test_the_variants_of_a_prompt_are_different_ones():
    assert len(set(variants(PROMPTS[0], Noise(families=["keyboard"], variants=8)))) > 4


def test_a_variant_that_leaves_the_prompt_as_it_is_is_drawn_again():
    pairs = [(p, v) for p in PROMPTS for v in variants(p, Noise(variants=40))]
    assert sum(p == v for p, v in pairs) == 0
    assert variants("polyp", Noise(families=["punctuation"], variants=2)) == ["polyp", "polyp"]


def test_another_images_prompt_comes_from_the_training_prompts_and_is_in_the_table():
    noise = Noise(share=1, families=["other_prompt"], variants=3)
    table, own, noisy = wordings(noise)
    given = noisy.replaced(own, np.arange(300), 0)
    assert (given != own).all() and {table.prompts[i] for i in given} <= set(PROMPTS)


def test_which_are_noisy_depends_on_names_and_not_on_the_batch():
    noise = Noise(share=0.5, families=["swap"], variants=3)
    _, own, noisy = wordings(noise)
    images = np.arange(300)
    for draw in (noisy.replaced, noisy.others):
        whole = draw(own, images, 2)
        np.testing.assert_array_equal(draw(own[::-1], images[::-1], 2)[::-1], whole)
        parts = [draw(own[part], images[part], 2) for part in (slice(7), slice(7, None))]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
        assert (draw(own, images, 3) != whole).any()
        other_cell = wordings(noise, ("suite", "other"))[2]
        assert (getattr(other_cell, draw.__name__)(own, images, 2) != whole).any()


def test_another_wording_is_one_of_the_prompts_own_for_every_image():
    noise = Noise(families=["swap"], variants=3)
    table, own, noisy = wordings(noise)
    for before, after in zip(own, noisy.others(own, np.arange(300), 0), strict=True):
        assert table.prompts[after] in variants(table.prompts[before], noise) and before != after


def test_edited_prompts_have_wordings_too_and_lend_none():
    noise = Noise(share=1, families=["other_prompt"], variants=3)
    edited = ["no infected area"]
    table = Table(PROMPTS + edited + all_variants(PROMPTS, noise, edited))
    noisy = Wordings(table, PROMPTS, noise, ("suite", "cell"), edited)
    given = noisy.replaced(table.rows(edited * 50), np.arange(50), 0)
    assert {table.prompts[i] for i in given} <= set(PROMPTS)
    assert edited[0] not in all_variants(PROMPTS, noise, edited)


@pytest.mark.parametrize("train, same", [({}, True), ({"noise": {"share": 0.5}}, False)])
def test_noise_is_part_of_what_a_checkpoint_stands_for(tmp_path, train, same):
    datasets = {"p": {"source": "phantom", "size": 32}}
    plain = Suite(name="s", datasets=datasets, methods=["lvit"])
    other = Suite(name="s", datasets=datasets, methods=[{"name": "lvit", "train": train}])
    one, two = (Cell(s, "p", s.methods[0], 0, tmp_path).request() for s in (plain, other))
    assert (one["train"] == two["train"]) == same and "noise" not in one["train"]
