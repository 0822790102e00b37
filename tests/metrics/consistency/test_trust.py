"""How far a calibrated frame can be trusted: held-out masks, beside the frame `thirds`."""

import numpy as np
import pytest

from metrics import InputError
from metrics.consistency import evaluate
from metrics.consistency.calibration.calibrate import calibrate
from metrics.consistency.calibration.trust import HeldOut, Rows, held_out

ROWS = ("upper", "middle", "lower")


def drawn(n, cuts, seed=0, size=60):
    """One lesion in each of n images, and the words for it where rows are cut at these shares of the height."""
    draw = np.random.default_rng(seed)
    masks, prompts = [], []
    for i in range(n):
        top, left = int(draw.integers(0, size - 6)), int(draw.integers(1, size // 2 - 7)) + (i % 2) * size // 2
        mask = np.zeros((size, size), np.uint8)
        mask[top : top + 6, left : left + 6] = 1
        row = ROWS[int(np.searchsorted(cuts, (top + 3) / size))]
        masks.append(mask)
        prompts.append(f"Unilateral infection, one infected area, {row} {('left', 'right')[i % 2]} lung")
    return masks, prompts


def test_a_frame_that_the_images_need_is_better_held_out():
    trust = held_out(*drawn(60, (0.25, 0.45)))
    assert trust.n == 60 and trust.parts == 5
    assert trust.strict > trust.strict_thirds + 0.1 and trust.better
    low, high = trust.interval
    assert low < trust.strict < high


def test_where_thirds_are_right_a_few_masks_are_not_enough():
    masks, prompts = drawn(30, (1 / 3, 2 / 3))
    shuffled = [prompts[i] for i in np.random.default_rng(3).permutation(30)]  # words that say nothing of the masks
    trust = held_out(masks, shuffled)
    assert trust.strict < 0.5 and trust.strict_thirds < 0.5
    assert held_out(masks, prompts).strict <= held_out(masks, prompts).strict_thirds


def test_the_shares_are_those_of_evaluate_on_the_part_held_out():
    masks, prompts = drawn(40, (0.3, 0.5))
    expected = []
    for part in range(5):
        fit = [i for i in range(40) if i % 5 != part]
        frame = calibrate([masks[i] for i in fit], [prompts[i] for i in fit])
        rest = [i for i in range(40) if i % 5 == part]
        expected += (
            evaluate([masks[i] for i in rest], [prompts[i] for i in rest], frame=frame).rows["consistent"].tolist()
        )
    assert held_out(masks, prompts).strict == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("prompts", [39, 41])
def test_another_number_of_prompts_is_refused(prompts):
    masks, words = drawn(41, (0.3, 0.5))
    with pytest.raises(InputError, match=f"^40 masks and {prompts} prompts; give one of each per image$"):
        held_out(masks[:40], words[:prompts])


def test_too_few_prompts_are_refused():
    masks, prompts = drawn(24, (0.3, 0.5))
    with pytest.raises(InputError, match="^24 prompts state a place that can be read; calibrating takes 25 or more$"):
        held_out(masks, prompts)


@pytest.mark.parametrize(
    ("strict", "thirds", "above", "above_thirds", "better"),
    [(0.5, 0.4, 0.1, 0.2, True), (0.4, 0.4, 0.1, 0.2, True), (0.3, 0.4, 0.3, 0.2, True), (0.3, 0.4, 0.2, 0.2, False)],
)
def test_better_is_more_agreement_or_more_above_chance(strict, thirds, above, above_thirds, better):
    assert HeldOut(36, 5, strict, thirds, above, above_thirds, (0.2, 0.6)).better is better


def test_rows_read_items_on_access():
    seen = []

    class Images(list):
        def __getitem__(self, i):
            seen.append(i)
            return super().__getitem__(i)

    rows = Rows(Images("abcdef"), np.array([4, 1, 3]))
    assert (len(rows), rows[0], list(rows[1:])) == (3, "e", ["b", "d"]) and seen == [4, 1, 3]
