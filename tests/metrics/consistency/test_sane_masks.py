"""Masks that no expert draws: halves, thirds, the full picture, single cells, rings, fragments, small pictures."""

import numpy as np
import pytest

from metrics import InputError
from metrics.consistency import Frame, check, parse

SIZE = 224
ROWS, SIDES = ("upper", "middle", "lower"), ("left", "right")
CELLS = [f"{row}-{side}" for side in SIDES for row in ROWS]


def rectangle(top, bottom, left, right):
    """A rectangle by shares of the picture."""
    mask = np.zeros((SIZE, SIZE), bool)
    mask[round(top * SIZE) : round(bottom * SIZE), round(left * SIZE) : round(right * SIZE)] = True
    return mask


def lungs(*sides):
    """Two ellipses that fill the picture's halves."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    mask = np.zeros((SIZE, SIZE), bool)
    for side in sides:
        centre = {"left": 0.26, "right": 0.74}[side]
        mask |= ((x - centre) / 0.22) ** 2 + ((y - 0.5) / 0.48) ** 2 <= 1
    return mask


def band(frame, row):
    """Top and bottom of a row of the frame's grid."""
    edges = [0, *frame.rows, 1]
    return edges[ROWS.index(row)], edges[ROWS.index(row) + 1]


def cell(frame, name):
    """The middle of a cell, 12 % of the width free on both sides."""
    row, side = name.split("-")
    left, right = (0, frame.columns[0]) if side == "left" else (frame.columns[0], 1)
    return rectangle(*band(frame, row), left + 0.06, right - 0.06)


def prompt(cells):
    return "infection, " + " and ".join("{} {} lung".format(*name.split("-")) for name in cells)


def position(mask, cells, frame):
    return check(mask, parse(prompt(cells)), frame).position


THIRDS, QATA = Frame.load("thirds"), Frame.load("qata")
LEFT, RIGHT, LOWER = CELLS[:3], CELLS[3:], ["lower-left", "lower-right"]
TABLE = {
    "full picture": (rectangle(0, 1, 0, 1), CELLS),
    "left half": (rectangle(0, 1, 0, 0.5), LEFT),
    "right half": (rectangle(0, 1, 0.52, 1), RIGHT),
    "upper third": (rectangle(0, 1 / 3, 0, 1), ["upper-left", "upper-right"]),
    "lower third": (rectangle(2 / 3, 1, 0, 1), LOWER),
    "both lungs": (lungs("left", "right"), CELLS),
    "left lung": (lungs("left"), LEFT),
    "right lung": (lungs("right"), RIGHT),
}


@pytest.mark.parametrize("frame", [THIRDS, QATA], ids=lambda f: f.name)
@pytest.mark.parametrize("name", TABLE)
def test_large_masks_hold_the_cells_they_cover(frame, name):
    mask, cells = TABLE[name]
    answer = position(mask, cells, frame)
    assert answer.ok and answer.score > 0.8
    for other in CELLS:  # under thirds a whole lung is also near enough to its middle alone
        assert position(mask, [other], frame).score <= answer.score - 0.2 * (frame is QATA)


@pytest.mark.parametrize("frame", [THIRDS, QATA], ids=lambda f: f.name)
@pytest.mark.parametrize("name", CELLS)
def test_a_single_cell_is_named_alone(frame, name):
    own = position(cell(frame, name), [name], frame)
    assert own.ok and own.score > 0.85
    assert all(position(cell(frame, name), [other], frame).score < 0.6 for other in CELLS if other != name)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("rows", [["upper"], ["middle"], ["lower"], ["upper", "middle"], ["middle", "lower"], ["upper", "lower"], list(ROWS)],
                         ids=" ".join)  # fmt: skip
def test_sketches_of_the_fourteen_phrases_hold_in_thirds(side, rows):
    """Lungs that fill the picture, their thirds filled, as LViT's authors sketch the phrases."""
    mask = np.zeros((SIZE, SIZE), bool)
    for row in rows:
        mask |= lungs(side) & rectangle(*band(THIRDS, row), 0, 1)
    words = "all" if len(rows) == 3 else " ".join(rows)
    verdict = check(mask, parse(f"Unilateral pulmonary infection, {words} {side} lung"), THIRDS)
    assert verdict.consistent and verdict.score == 1


def test_a_ring_through_all_cells_is_in_all_of_them():
    ring = rectangle(0.1, 0.9, 0.1, 0.9) & ~rectangle(0.18, 0.82, 0.18, 0.82)
    assert position(ring, LOWER, THIRDS).score < 0.5
    assert position(ring, CELLS, THIRDS).ok


def test_a_block_over_the_middle_is_no_lower_lesion():
    block = rectangle(0.17, 0.83, 0.17, 0.83)  # 44 % of the picture
    assert position(block, LOWER, THIRDS).score < 0.5
    assert position(block, CELLS, THIRDS).score == 1


def test_specks_that_cover_a_quarter_are_no_empty_mask():
    specks = np.zeros((SIZE, SIZE), bool)
    specks[::2, ::2] = True
    answer = check(specks, parse("No infection"), THIRDS).absent
    assert not answer.ok
    assert answer.reason == "nothing to segment stated, specks that cover 25% of the picture found"
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
def test_the_size_of_the_picture_does_not_change_what_experts_would_name(size):
    mask = lungs("left") & rectangle(0.5, 1, 0, 1)
    at = (np.arange(size) + 0.5) * SIZE / size
    small = mask[np.ix_(at.astype(int), at.astype(int))]
    for cells in (["lower-left"], LEFT, LOWER):
        assert position(small, cells, QATA).score == pytest.approx(position(mask, cells, QATA).score, abs=0.1)


def test_a_picture_too_small_for_a_profile_is_an_error():
    with pytest.raises(
        InputError, match=r"mask 0 has shape \(12, 40\); frame qata looks at 16 rows and columns at least"
    ):
        check(np.ones((12, 40)), parse("infection, left lung"), QATA)
    assert check(np.ones((12, 40)), parse("infection, all left lung and all right lung"), THIRDS).position.ok
