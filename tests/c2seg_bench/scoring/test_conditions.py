"""Scores under clean and noisy prompts, on masks small enough to judge by eye."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import metrics
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.scoring.conditions import Predicted, score_conditions
from c2seg_bench.scoring.judge import Judge
from metrics.consistency import evaluate

LEFT, RIGHT = "one infected area, left lung", "one infected area, right lung"
NAMES, PROMPTS = ["a", "b", "c"], [LEFT, RIGHT, LEFT]
SWAPPED = Condition("swap_side", 1)
KEYBOARD = Condition("keyboard", 2)
JUDGE = Judge.load("thirds")  # left is the picture's left


def side(*columns):
    """(N, 8, 8): a lesion in the left (0) or right (1) half, none for None."""
    masks = np.zeros((len(columns), 8, 8), bool)
    for mask, column in zip(masks, columns, strict=True):
        if column is not None:
            mask[2:6, 4 * column + 1 : 4 * column + 3] = True
    return masks


CACHE = SimpleNamespace(
    masks=side(0, 1, 0).astype(np.uint8),
    index=pd.DataFrame({"name": NAMES, "prompt": PROMPTS, "subject": ""}),
    images=None,
)


def predicted(condition, masks, prompts=PROMPTS, rows=(0, 1, 2)):
    return Predicted(condition, np.array(rows), masks, [prompts[row] for row in rows])


def scores(*predictions):
    return score_conditions(iter(predictions), CACHE, JUDGE)


def test_overlap_and_consistency_are_those_of_metrics():
    masks = side(0, 0, None)
    table = scores(predicted(CLEAN, masks))
    overlap = metrics.score_masks(masks, CACHE.masks.astype(bool))
    verdicts = evaluate(masks, PROMPTS).rows
    pd.testing.assert_frame_equal(table[list(overlap)], overlap)
    pd.testing.assert_frame_equal(table[list(verdicts)], verdicts)
    assert list(table["image"]) == NAMES and set(table["condition"]) == {"clean"}
    assert list(table["stability"]) == [1, 1, 1] and list(table["prompt"]) == PROMPTS
    assert list(table["laterality_ok"]) == [1, 0, 0]


def test_noise_is_judged_by_the_clean_prompt_and_compared_with_the_clean_mask():
    typed = ["on infectd area", "?", ""]
    table = scores(predicted(CLEAN, side(0, 1, 0)), predicted(KEYBOARD, side(0, 0, None), typed))
    noisy = table[table["condition"] == "keyboard-2"]
    assert list(noisy["stability"]) == [1, 0, 0]
    assert list(noisy["laterality_ok"]) == [1, 0, 0]
    assert list(noisy["prompt"]) == typed
    assert "edited_ok" not in table


def test_a_sweep_over_some_of_the_images_is_compared_with_the_same_images():
    table = scores(predicted(CLEAN, side(0, 1, 0)), predicted(KEYBOARD, side(0, 1), rows=(2, 1)))
    noisy = table[table["condition"] == "keyboard-2"]
    assert list(noisy["image"]) == ["c", "b"]
    assert list(noisy["stability"]) == [1, 1]


def test_an_edited_prompt_is_answered_by_the_new_mask_and_by_the_old_one():
    swapped = [RIGHT, LEFT, LEFT]  # the last is left as it was
    table = scores(predicted(CLEAN, side(0, 0, 0)), predicted(SWAPPED, side(1, 1, 1), swapped))
    edited = table[table["condition"] == "swap_side-1"]
    assert edited["edited_ok"].tolist() == pytest.approx([1, 0, np.nan], nan_ok=True)
    assert edited["before_ok"].tolist() == pytest.approx([0, 1, np.nan], nan_ok=True)
    assert edited["edited_score"].tolist() == pytest.approx([1, 0, np.nan], nan_ok=True)
    assert table[table["condition"] == "clean"]["edited_ok"].isna().all()


def test_predictions_are_taken_one_at_a_time():
    alive = []

    def lazily():
        for condition in (CLEAN, KEYBOARD, Condition("keyboard", 3)):
            alive.append(condition)
            yield predicted(condition, side(0, 1, 0))

    assert len(score_conditions(lazily(), CACHE, JUDGE)) == 9
    assert alive == [CLEAN, KEYBOARD, Condition("keyboard", 3)]


def test_the_clean_prompts_come_first():
    with pytest.raises(ValueError, match="keyboard-2; give the clean one first"):
        scores(predicted(KEYBOARD, side(0, 1, 0)), predicted(CLEAN, side(0, 1, 0)))
