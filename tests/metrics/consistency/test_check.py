"""Single checks on drawn masks: strict answers, graded scores, reasons."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from metrics import InputError
from metrics.consistency import Frame, check, parse
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.judge.components import components
from metrics.consistency.judge.features import features
from metrics.consistency.reader.ontology import load_ontology

THIRDS = Frame.load("thirds")
CENTRES = {"upper": 15, "middle": 45, "lower": 75}
SIDES = {"left": 20, "right": 70}


def mask(*cells, size=90, radius=6):
    """A disc in the middle of each cell of the thirds frame."""
    y, x = np.mgrid[:size, :size]
    out = np.zeros((size, size), bool)
    for cell in cells:
        row, side = cell.split("-")
        out |= (y - CENTRES[row]) ** 2 + (x - SIDES[side]) ** 2 <= radius**2
    return out


TWO = "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung"


def test_a_mask_as_stated_agrees_on_every_axis():
    verdict = check(mask("upper-left", "lower-right"), parse(TWO), THIRDS)
    assert verdict.consistent and verdict.score == 1
    assert verdict.count.reason == "2 stated, 2 found"
    assert verdict.laterality.reason == "bilateral stated, lesion left and right"
    assert verdict.position.reason == "lower-right, upper-left stated, lesion in lower-right, upper-left"
    assert verdict.absent is None


@pytest.mark.parametrize(
    "cells, axis, reason",
    [
        (("upper-left", "lower-right", "lower-left"), "count", "2 stated, 3 found"),
        (("upper-left", "lower-left"), "laterality", "bilateral stated, lesion left"),
        (
            ("upper-left", "middle-right"),
            "position",
            "lower-right, upper-left stated, lesion in middle-right, upper-left",
        ),
        ((), "laterality", "bilateral stated, no lesion found"),
        ((), "position", "lower-right, upper-left stated, no lesion found"),
    ],
)
def test_a_fault_shows_on_its_axis(cells, axis, reason):
    verdict = check(mask(*cells), parse(TWO), THIRDS)
    answer = getattr(verdict, axis)
    assert not answer.ok and 0 <= answer.score < 1 and answer.reason == reason
    assert not verdict.consistent


def test_moving_a_lesion_to_another_zone_moves_position_alone():
    verdict = check(mask("upper-left", "middle-right"), parse(TWO), THIRDS)
    assert verdict.count.ok and verdict.laterality.ok and not verdict.position.ok


@pytest.mark.parametrize(
    "stated, count, score",
    [("two", 1, 0.5), ("two", 3, 2 / 3), ("at least two", 5, 1), ("up to three", 6, 0.5), ("two", 0, 0)],
)
def test_count_is_graded_by_the_ratio(stated, count, score):
    cells = ["upper-left", "middle-left", "lower-left", "upper-right", "middle-right", "lower-right"][:count]
    answer = check(mask(*cells), parse(f"{stated} infected areas"), THIRDS).count
    assert answer.score == pytest.approx(score) and answer.ok == (score == 1)


def test_nothing_stated_nothing_judged():
    verdict = check(mask("upper-left"), parse("Pulmonary infection"), THIRDS)
    assert verdict.consistent is None and verdict.score is None
    assert (verdict.count, verdict.laterality, verdict.position, verdict.absent) == (None,) * 4


def test_absent_wants_an_empty_mask():
    assert check(mask(), parse("No infection"), THIRDS).consistent
    assert not check(mask("upper-left"), parse("No infection"), THIRDS).consistent


def test_empty_mask_scores_nothing_where_lesions_are_stated():
    verdict = check(mask(), parse(TWO), THIRDS)
    assert (verdict.count.score, verdict.laterality.score, verdict.position.score) == (0, 0, 0)


def test_full_mask_names_no_place():
    verdict = check(np.ones((90, 90), bool), parse("Unilateral infection, one infected area, lower left lung"), THIRDS)
    assert verdict.position.score <= 0.25 and not verdict.position.ok and not verdict.laterality.ok


def test_the_patients_view_is_the_mirror_image():
    findings = parse("one infected area, lower left lung")
    patient = Frame("patient", convention="patient")
    assert check(mask("lower-right"), findings, patient).consistent
    assert not check(mask("lower-left"), findings, patient).consistent
    assert check(mask("lower-left"), findings, THIRDS).consistent


def test_open_side_is_not_judged():
    findings = parse("infection, lower left lung and right lung")
    for row in CENTRES:
        assert check(mask("lower-left", f"{row}-right"), findings, THIRDS).position.ok
    assert not check(mask("lower-left", "upper-left", "upper-right"), findings, THIRDS).position.ok


def test_specks_do_not_count():
    specked = mask("upper-left", "lower-right")
    specked[45, 45] = specked[2, 80] = True
    assert check(specked, parse(TWO), THIRDS).consistent


def test_wrong_masks_are_an_error():
    with pytest.raises(InputError, match=r"mask 0 has shape \(3,\); give a mask \(H, W\)"):
        check(np.zeros(3), parse(TWO), THIRDS)
    for wrong in ([[1, 0], [1]], np.ones((20, 20), complex), np.full((20, 20), np.nan), "mask"):
        with pytest.raises(InputError) as error:
            check(wrong, parse(""), THIRDS)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match=r"mask 0: value 255 is neither 0 nor 1; threshold it first"):
        check(np.full((4, 4), 255, np.uint8), parse(TWO), THIRDS)
    with pytest.raises(InputError, match="frame lungs: 3 rows by 2 columns, but ontology colonoscopy has 3 by 3"):
        check(mask(), parse("one polyp", "colonoscopy"), Frame("lungs"))


def test_thirds_has_the_columns_that_the_ontology_has():
    findings = parse("one polyp, located in center of the image", "colonoscopy")
    middle = np.zeros((90, 90), bool)
    middle[40:50, 40:50] = True
    assert check(middle, findings, THIRDS).consistent
    assert not check(np.roll(middle, 30, axis=1), findings, THIRDS).position.ok


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 2), (4, 3), (5, 1)])
def test_thirds_fits_any_grid(rows, columns):
    ontology = replace(
        load_ontology("chest"),
        rows=tuple(f"row{i}" for i in range(rows)),
        columns=tuple(f"column{i}" for i in range(columns)),
    )
    frame = fit_grid(THIRDS, ontology)
    assert frame.rows == tuple(i / rows for i in range(1, rows))
    assert frame.columns == tuple(i / columns for i in range(1, columns))


def test_a_calibrated_frame_is_not_stretched_to_another_grid():
    ontology = replace(load_ontology("chest"), rows=("upper", "lower"))
    with pytest.raises(InputError, match="frame qata: 3 rows by 2 columns, but ontology chest has 2 by 2"):
        fit_grid(Frame.load("qata"), ontology)


def test_size_is_that_of_the_mean_lesion():
    frame = Frame("polyps", columns=(1 / 3, 2 / 3), sizes=(0.05, 0.2))
    small, large = mask("upper-left"), np.ones((90, 90), bool)
    assert check(small, parse("one small polyp", "colonoscopy"), frame).size.ok
    answer = check(large, parse("one small polyp", "colonoscopy"), frame).size
    assert not answer.ok and answer.score == pytest.approx(0.05) and answer.reason == "small stated, large found"
    assert check(small, parse("one small polyp", "colonoscopy"), THIRDS).size is None
    assert not check(np.zeros((9, 9)), parse("one large polyp", "colonoscopy"), frame).size.ok


masks = st.integers(1, 24).flatmap(
    lambda h: st.integers(1, 24).flatmap(
        lambda w: st.lists(st.booleans(), min_size=h * w, max_size=h * w).map(lambda v: np.array(v).reshape(h, w))
    )
)


@settings(max_examples=120, deadline=None)
@given(masks)
def test_components_are_scipys(image):
    height, width = image.shape
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 2 // width
    labels, n = ndimage.label(image, np.ones((3, 3)))
    expected = np.zeros((n, 3, 2), int)
    for k, r, c in zip(labels[image], *(i[image] for i in np.indices(image.shape)), strict=True):
        expected[k - 1, rows[r], columns[c]] += 1
    result = components(image.astype(np.uint8), rows, columns, 3, 2)
    assert sorted(map(bytes, result)) == sorted(map(bytes, expected.astype(result.dtype)))


@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from([f"{r}-{s}" for r in CENTRES for s in SIDES]), min_size=1), st.sampled_from([2, 3]))
def test_size_of_the_image_and_a_shift_by_a_pixel_do_not_matter(cells, times):
    findings = parse(TWO)
    base = check(mask(*cells), findings, THIRDS)
    large = check(np.kron(mask(*cells), np.ones((times, times))), findings, THIRDS)
    shifted = check(np.roll(mask(*cells), (1, -1), (0, 1)), findings, THIRDS)
    for other in (large, shifted):
        assert (other.count.ok, other.laterality.ok, other.position.ok) == (
            base.count.ok,
            base.laterality.ok,
            base.position.ok,
        )


def test_features_do_not_depend_on_workers():
    many = [mask("upper-left"), mask("lower-right", "middle-left"), mask()] * 50
    one, two = features(many, THIRDS, workers=1), features(many, THIRDS, workers=3)
    np.testing.assert_array_equal(one.cells, two.cells)
    np.testing.assert_array_equal(one.count, two.count)
