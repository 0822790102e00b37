"""Frames whose rows are shares of the lungs: from masks of the lungs, and found in the image."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import InputError
from metrics.consistency import Frame, calibrate, check, evaluate, parse
from metrics.consistency.frame.extents import extents_of_masks
from metrics.consistency.frame.lungs import SIDE, Lungs, grey_tiles

LUNG = Frame.load("lung-thirds")
ROWS = ("upper", "middle", "lower")
SIZE = 96
SPOT = 4


def scene(rng, cells=None):
    """An image with two dark lungs anywhere, the mask of the lungs, a lesion in the thirds of them, and its prompt."""
    y, x = np.mgrid[:SIZE, :SIZE]
    lungs = np.zeros((SIZE, SIZE), bool)
    boxes = {}
    across, top, height = 48 + rng.integers(-4, 5), rng.integers(4, 36), rng.integers(36, 57)
    for side, centre in (("left", across - 20), ("right", across + 20)):
        lungs |= ((y + 0.5 - top - height / 2) / (height / 2)) ** 2 + ((x + 0.5 - centre) / 16) ** 2 <= 1
        boxes[side] = centre
    image = np.where(lungs, 60, 190).astype(np.uint8) + rng.integers(0, 10, (SIZE, SIZE)).astype(np.uint8)
    names = [f"{row} {side}" for side in boxes for row in ROWS]
    chosen = cells or sorted(rng.choice(names, rng.integers(1, 4), replace=False))
    lesion = np.zeros_like(lungs)
    for row, side in (cell.split() for cell in chosen):
        at = top + height * (2 * ROWS.index(row) + 1) / 6
        lesion |= (y + 0.5 - at) ** 2 + (x + 0.5 - boxes[side]) ** 2 <= SPOT**2
    return image, lungs, lesion, ", ".join(f"{cell} lung" for cell in chosen)


def scenes(n, seed=0):
    rng = np.random.default_rng(seed)
    return [list(part) for part in zip(*(scene(rng) for _ in range(n)), strict=True)]


def by_loop(mask, midline):
    """The extents as `extents_of_masks` defines them, pixel by pixel."""
    height, width = mask.shape
    left_over = {(r, c) for r in range(height) for c in range(width) if mask[r, c]}
    parts = []
    while left_over:
        todo, part = [min(left_over)], []
        left_over.discard(todo[0])
        while todo:
            r, c = todo.pop()
            part.append((r, c))
            for near in [(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]:
                if near in left_over:
                    left_over.discard(near)
                    todo.append(near)
        parts.append(part)
    largest = max(len(p) for p in parts)
    parts = sorted((p for p in parts if len(p) >= 0.05 * largest), key=len, reverse=True)
    if len(parts) > 1:
        spans = sorted((min(c for _, c in p), max(c for _, c in p) + 1) for p in parts[:2])
        (a, b), (d, e) = spans
        if min(b, e) - d < 0.5 * min(b - a, e - d):
            midline = (b + d) / 2 / width
    pixels = [pixel for part in parts for pixel in part]
    sides = [[], []]
    for r, c in pixels:
        sides[int((c + 0.5) / width > midline)].append(r)
    rows = [(min(s) / height, (max(s) + 1) / height) if len(s) >= 0.1 * len(pixels) else None for s in sides]
    return [rows[0] or rows[1], rows[1] or rows[0]], midline


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.7), st.booleans())
def test_extents_are_those_of_a_loop(seed, midline, one_lung):
    rng = np.random.default_rng(seed)
    _, lungs, _, _ = scene(rng)
    lungs = lungs[::2, ::2].copy()
    if one_lung:
        lungs[:, : int(rng.integers(20, 28))] = False
    lungs[rng.integers(0, 48, 5), rng.integers(0, 48, 5)] = True
    if rng.random() < 0.3:
        lungs[22:24, 8:40] = True  # the lungs touch
    result = extents_of_masks([lungs * 7], midline)
    rows, at = by_loop(lungs, midline)
    assert np.allclose(result.rows[0], rows) and result.midline[0] == pytest.approx(at)


def test_one_lung_alone_lends_its_rows_to_the_other_side():
    lungs = np.zeros((50, 50), bool)
    lungs[10:35, 30:45] = True
    result = extents_of_masks([lungs], 0.5)
    assert result.rows.tolist() == [[[0.2, 0.7], [0.2, 0.7]]] and result.midline.tolist() == [0.5]


def test_the_fixed_frame_errs_where_the_lungs_are_not_and_the_lung_frame_does_not():
    images, lungs, lesions, prompts = scenes(60)
    fixed = evaluate(lesions, prompts, frame="thirds").rows
    right = evaluate(lesions, prompts, frame="lung-thirds", lungs=lungs).rows
    assert (right[["position_ok", "laterality_ok"]] == 1).all(axis=None)
    assert fixed["position_ok"].mean() < 0.6


def test_lungs_that_fill_the_image_give_the_fixed_frame():
    whole = np.zeros((SIZE, SIZE), bool)
    whole[:, : SIZE // 2 - 1] = whole[:, SIZE // 2 + 1 :] = True
    _, _, lesions, prompts = scenes(40)
    fixed = evaluate(lesions, prompts, frame="thirds").rows
    assert np.allclose(fixed, evaluate(lesions, prompts, frame="lung-thirds", lungs=[whole] * 40).rows, equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-4, 4), st.integers(-3, 3))
def test_shifting_lungs_and_lesion_together_changes_nothing(seed, down, across):
    _, lungs, lesion, prompt = scene(np.random.default_rng(seed))
    moved = [np.roll(m, (down, across), (0, 1)) for m in (lungs, lesion)]
    before, after = (check(s, parse(prompt), LUNG, lungs=m) for m, s in ((lungs, lesion), moved))
    assert before.position.ok and before.laterality.ok
    assert after.position == before.position and after.laterality == before.laterality


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_mirror_image_is_right_with_the_sides_exchanged_and_for_the_patients_view(seed):
    _, lungs, lesion, prompt = scene(np.random.default_rng(seed))
    swapped = prompt.replace("left", "#").replace("right", "left").replace("#", "right")
    for frame, words in ((LUNG, swapped), (replace(LUNG, convention="patient"), prompt)):
        verdict = check(lesion[:, ::-1], parse(words), frame, lungs=lungs[:, ::-1])
        assert verdict.position.score == 1 and verdict.laterality.score == 1


# ---- found in the image


@pytest.fixture(scope="module")
def learned():
    images, lungs, lesions, prompts = scenes(320)
    return calibrate(lesions, prompts, name="seen", images=images, lungs=lungs)


def test_lungs_are_found_in_images_that_were_not_learned_from(learned):
    images, lungs, lesions, prompts = scenes(80, seed=1)
    error = np.abs(learned.extents(80, images).rows - extents_of_masks(lungs, 0.5).rows)
    assert error.mean() < 0.02
    cuts = replace(learned, experts=None)
    strict = [
        evaluate(lesions, prompts, frame=f, images=images).rows["position_ok"].mean()
        for f in (learned, cuts, Frame.load("thirds"))
    ]
    assert strict[0] > 0.8 and strict[1] > 0.8 and strict[2] < 0.6


def test_calibrating_says_how_far_it_errs_and_survives_the_file(learned):
    about = learned.about["lungs"]
    assert about["pictures"] == [320, 320]
    assert (np.array(about["error"]) < 0.4 * np.array(about["error_of_a_constant"])).all()
    text = json.dumps(learned.to_json())
    again = Frame.from_json(json.loads(text), "again")
    assert len(text) < 100_000 and again.to_json() == learned.to_json()
    images, _, lesions, prompts = scenes(20, seed=2)
    one, two = (evaluate(lesions, prompts, frame=f, images=images).rows for f in (learned, again))
    assert one.equals(two)


def test_a_frame_calibrated_on_lung_masks_alone_needs_them_for_scoring():
    images, lungs, lesions, prompts = scenes(60)
    frame = calibrate(lesions, prompts, name="masked", lungs=lungs)
    assert frame.lungs is None and 0.25 < frame.rows[0] < 0.42 and 0.58 < frame.rows[1] < 0.75
    assert evaluate(lesions, prompts, frame=frame, lungs=lungs).rows["position_ok"].mean() > 0.95
    with pytest.raises(InputError, match=r"frame masked: .* give lung masks \(--lungs\)"):
        evaluate(lesions, prompts, frame=frame, images=images)


def test_a_image_is_brought_to_the_mean_of_its_tiles():
    rng = np.random.default_rng(0)
    grey = rng.random((28, 42))
    tiles = np.array([[grey[2 * r : 2 * r + 2, 3 * c : 3 * c + 3].mean() for c in range(SIDE)] for r in range(SIDE)])
    expected = ((tiles - tiles.mean()) / tiles.std()).ravel()
    assert np.allclose(grey_tiles([grey]), expected, atol=1e-4)
    assert np.allclose(grey_tiles([np.repeat(grey[..., None], 3, 2)]), expected, atol=1e-4)
    assert np.allclose(grey_tiles([np.kron(grey, np.ones((3, 3)))]), expected, atol=1e-4)


@pytest.mark.parametrize("value", [0, 255])
def test_a_blank_image_has_lungs_within_it(value):
    rows = Frame.load("qata-lungs").extents(1, [np.full((30, 40), value, np.uint8)]).rows
    assert ((rows >= 0) & (rows <= 1)).all() and (np.diff(rows, axis=2) >= 0.2 - 1e-9).all()


# ---- wrong input


@pytest.mark.parametrize(
    "frame, given, message",
    [
        ("qata-lungs", {}, "frame qata-lungs: it locates the lungs in each image; give images"),
        ("lung-thirds", {}, "frame lung-thirds: its rows are relative to the lungs; give lung masks"),
        ("thirds", {"lungs": [np.ones((9, 9))]}, "frame thirds: its rows are relative to the image, so lung masks"),
        ("qata-lungs", {"images": []}, "1 masks and 0 images; give one of each per mask"),
        ("lung-thirds", {"lungs": [np.zeros((9, 9))]}, "lung mask 0 has no lung in it"),
        ("lung-thirds", {"lungs": [np.zeros(9)]}, r"lung mask 0 has shape \(9,\); give a mask \(H, W\)"),
        ("qata-lungs", {"images": [np.zeros(9)]}, r"image 0 has shape \(9,\)"),
        ("qata-lungs", {"images": [np.full((32, 32), np.nan)]}, "image 0 has a value that is not finite"),
        ("qata-lungs", {"images": [[["a"]]]}, "image 0: not an array of numbers"),
    ],
)
def test_an_error_of_one_line_names_missing_inputs_of_a_frame(frame, given, message):
    with pytest.raises(InputError, match=message) as e:
        evaluate([np.ones((9, 9))], ["one infected area, upper left lung"], frame=frame, **given)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"relative": "chest"}, "relative 'chest'; there are picture, lungs"),
        ({"columns": [0.3, 0.6]}, "one column cut, the midline"),
        ({"lungs": {"weights": [[1.0]], "bias": [0.0]}}, "give 4 rows of 196 weights and 4 of bias"),
    ],
)
def test_a_wrong_frame_file_is_an_error(change, message):
    with pytest.raises(InputError, match=message):
        Frame.from_json({**LUNG.to_json(), **change}, "mine.json")


def test_too_few_images_of_a_whole_side_are_an_error():
    images, _, lesions, prompts = scenes(40)
    with pytest.raises(InputError, match=r"known in 2 images on the left and 3 on the right; .* takes 100 each"):
        calibrate(lesions, prompts, images=images)


def test_colons_have_no_lungs():
    with pytest.raises(InputError, match="ontology colonoscopy has no lungs"):
        calibrate([np.ones((9, 9))], ["one polyp"], "colonoscopy", images=[np.ones((9, 9))])


def test_no_images_give_no_extents():
    assert len(evaluate([], [], frame="qata-lungs", images=[]).rows) == 0
    assert isinstance(Frame.load("qata-lungs").lungs, Lungs)
