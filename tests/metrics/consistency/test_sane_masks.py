"""Masks that no expert draws: halves, thirds, the full image, single cells, rings, fragments, small images."""

import numpy as np
import pytest

from metrics import InputError
from metrics.consistency import Frame, check, parse
from metrics.consistency.study.strange import (
    CELLS,
    LEFT,
    ROWS,
    SIDES,
    SIZE,
    band,
    lungs,
    prompt_of,
    rectangle,
    strange_masks,
    strange_table,
)

THIRDS, QATA = Frame.load("thirds"), Frame.load("qata")
LOWER = ("lower-left", "lower-right")


def position(mask, cells, frame):
    return check(mask, parse(prompt_of(cells)), frame).position


NAMES = list(strange_masks(THIRDS))


@pytest.mark.parametrize("frame", [THIRDS, QATA], ids=lambda f: f.name)
@pytest.mark.parametrize("name", NAMES[:-2])
def test_masks_that_no_expert_draws_are_judged_by_their_place(frame, name):
    mask, cells = strange_masks(frame)[name]
    answer = position(mask, cells, frame)
    assert answer.ok and answer.score > 0.85
    for other in CELLS:  # under thirds a whole lung is also near enough to its middle alone
        if (other,) != cells:
            assert position(mask, (other,), frame).score <= answer.score - 0.2 * (frame is QATA or len(cells) == 1)


@pytest.mark.parametrize("frame", [THIRDS, QATA], ids=lambda f: f.name)
@pytest.mark.parametrize("name", NAMES[-2:])
def test_a_ring_and_a_block_over_the_middle_are_no_lower_lesion(frame, name):
    mask, cells = strange_masks(frame)[name]
    answer = position(mask, cells, frame)
    assert not answer.ok and answer.score < 0.5
    assert position(mask, CELLS, THIRDS).score == 1


def test_the_table_has_a_row_for_each_mask():
    table = strange_table(QATA)
    assert list(table["mask"]) == NAMES and list(table["ok"]) == [True] * (len(NAMES) - 2) + [False] * 2


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("rows", [["upper"], ["middle"], ["lower"], ["upper", "middle"], ["middle", "lower"], ["upper", "lower"], list(ROWS)],
                         ids=" ".join)  # fmt: skip
def test_sketches_of_the_fourteen_phrases_agree_in_thirds(side, rows):
    """Lungs that fill the image, their thirds filled, as LViT's authors sketch the phrases."""
    mask = np.zeros((SIZE, SIZE), bool)
    for row in rows:
        mask |= lungs(side) & rectangle(*band(THIRDS, row), 0, 1)
    words = "all" if len(rows) == 3 else " ".join(rows)
    verdict = check(mask, parse(f"Unilateral pulmonary infection, {words} {side} lung"), THIRDS)
    assert verdict.consistent and verdict.score == 1


def test_specks_that_cover_a_quarter_are_no_empty_mask():
    specks = np.zeros((SIZE, SIZE), bool)
    specks[::2, ::2] = True
    answer = check(specks, parse("No infection"), THIRDS).absent
    assert not answer.ok
    assert answer.reason == "nothing to segment stated, specks on 25% of the image found"
    few = np.zeros((SIZE, SIZE), bool)
    few[::60, ::60] = True
    assert check(few, parse("No infection"), THIRDS).absent.ok


@pytest.mark.parametrize("frame", [THIRDS, QATA], ids=lambda f: f.name)
def test_a_speck_on_the_other_side_makes_no_lesion_bilateral(frame):
    lesion = rectangle(0.5, 0.9, 0.1, 0.4)
    speck = rectangle(0.7, 0.72, 0.7, 0.82)  # 2 % of the lesion
    assert not check(lesion | speck, parse("bilateral infection"), frame).laterality.ok
    assert check(lesion | speck, parse("infection of the left lung"), frame).laterality.ok
    assert check(lesion | rectangle(0.5, 0.9, 0.6, 0.9), parse("bilateral infection"), frame).laterality.ok


@pytest.mark.parametrize("size", [28, 32, 40, 48, 56, 100, 300])
def test_the_size_of_the_image_does_not_change_what_experts_would_name(size):
    mask = lungs("left") & rectangle(0.5, 1, 0, 1)
    at = (np.arange(size) + 0.5) * SIZE / size
    small = mask[np.ix_(at.astype(int), at.astype(int))]
    for cells in (("lower-left",), LEFT, LOWER):
        assert position(small, cells, QATA).score == pytest.approx(position(mask, cells, QATA).score, abs=0.1)


def test_a_image_too_small_for_a_profile_is_an_error():
    with pytest.raises(InputError, match=r"mask 0 has shape \(12, 40\); frame qata needs at least 16 rows and columns"):
        check(np.ones((12, 40)), parse("infection, left lung"), QATA)
    assert check(np.ones((12, 40)), parse("infection, all left lung and all right lung"), THIRDS).position.ok
