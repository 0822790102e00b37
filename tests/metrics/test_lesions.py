import numpy as np
import pytest

from metrics.lesions import lesion_f1_of, lesion_precision_of, lesion_recall_of, panoptic_quality_of
from metrics.overlap import area_error_of, iou_at_least, precision_of, recall_of, specificity_of
from metrics.pair import MaskPair


def pair(pred, target):
    return MaskPair(*(np.array([[c == "#" for c in row] for row in image]) for image in (pred, target)))


TWO_OF_THREE = pair(
    ["##..###.", "##......", "......#."],  # the block, a line that is one pixel short, and a pixel of its own
    ["##..####", "##......", "##......"],
)


def test_matched_lesions_by_hand():
    # the target's block has six pixels, four of them found; its line has four, three of them found
    assert lesion_precision_of(TWO_OF_THREE) == pytest.approx(2 / 3)
    assert lesion_recall_of(TWO_OF_THREE) == 1
    assert lesion_f1_of(TWO_OF_THREE) == pytest.approx(4 / 5)
    assert panoptic_quality_of(TWO_OF_THREE) == pytest.approx((4 / 6 + 3 / 4) / 2.5)


def test_half_is_no_match_and_corners_connect():
    assert lesion_f1_of(pair(["##"], ["#."])) == 0  # IoU 0.5
    assert pair(["#.", ".#"], ["##", "##"]).lesions[:2] == (1, 1)


def test_counts_of_pixels_by_hand():
    one = pair(["###.", "...."], ["##..", "...#"])
    assert precision_of(one) == pytest.approx(2 / 3)
    assert recall_of(one) == pytest.approx(2 / 3)
    assert specificity_of(one) == pytest.approx(4 / 5)
    assert area_error_of(one) == 0
    assert area_error_of(pair(["###."], ["#..."])) == 2
    assert [iou_at_least(one, t) for t in (0.4, 0.5, 0.6)] == [1, 1, 0]


def test_what_an_empty_mask_leaves_undefined():
    missed, false, both = pair([".."], ["#."]), pair(["#."], [".."]), pair([".."], [".."])
    functions = (precision_of, recall_of, lesion_precision_of, lesion_recall_of, area_error_of)
    nan = float("nan")
    assert [f(missed) for f in functions] == pytest.approx([nan, 0, nan, 0, 1], nan_ok=True)
    assert [f(false) for f in functions] == pytest.approx([0, nan, 0, nan, nan], nan_ok=True)
    assert [f(both) for f in functions] == pytest.approx([nan, nan, nan, nan, 0], nan_ok=True)
    assert specificity_of(pair(["##"], ["##"])) == 1  # no background
