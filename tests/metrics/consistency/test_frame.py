"""Frames on disk, and calibrating them from masks and prompts."""

import json

import numpy as np
import pytest

from metrics import InputError
from metrics.consistency import Frame, calibrate, evaluate
from metrics.consistency.calibration.calibrate import AREAS
from tests.metrics.consistency.test_evaluate import prompt_of

ROWS = {"upper": 25, "middle": 45, "lower": 60}  # where an image of 90 pixels has them, cut at 36 and 54


def drawn(n, seed=0, mirrored=False):
    """Masks whose rows are not at thirds, and their prompts."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:90, :90]
    cells = [f"{row}-{side}" for side in ("left", "right") for row in ROWS]
    masks, prompts = [], []
    for _ in range(n):
        chosen = sorted(rng.choice(cells, rng.integers(1, 4), replace=False))
        mask = np.zeros((90, 90), bool)
        for cell in chosen:
            row, side = cell.split("-")
            centre = ROWS[row] + rng.integers(-2, 3), {"left": 22, "right": 68}[side] + rng.integers(-6, 7)
            mask |= (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= 36
        masks.append(mask[:, ::-1] if mirrored else mask)
        prompts.append(prompt_of(chosen))
    return masks, prompts


@pytest.mark.parametrize("name, cells", [("thirds", 6), ("qata", 6), ("kvasir", 9), ("clinicdb", 9)])
def test_frames_that_ship_load_and_say_where_they_came_from(name, cells):
    frame = Frame.load(name)
    assert (len(frame.rows) + 1) * (len(frame.columns) + 1) == cells
    assert frame.about["source"]
    assert Frame.from_json(frame.to_json(), name) == frame or frame.experts is not None


def test_a_frame_survives_its_file(tmp_path):
    frame = Frame.load("qata")
    (tmp_path / "mine.json").write_text(json.dumps(frame.to_json()))
    again = Frame.load(tmp_path / "mine.json")
    assert again.to_json() == frame.to_json()


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "nested too deeply; write it again with calibrate"),
        ('{"name": "x", "rows": "0.5"}', "rows 0.5: give a list of numbers, 100 at most"),
        ('{"name": "x", "rows": [true]}', r"rows \[True\]: give a list of numbers"),
        (
            '{"name": "x", "experts": {"mean": [[0]], "scale": [[1]], "weights": [[0, 0], [0, 0]], "bias": 3}}',
            "bias is one number, not a table of them",
        ),
        (
            '{"name": "x", "experts": {"mean": [[0]], "scale": [[1]], "weights": [[0, 1e300], [0, 0]], "bias": [1, 2]}}',
            "weights has a number that is not finite, or beyond 1,000,000",
        ),
        ("[1]", "not an object with a name"),
        ('{"name": "x", "rows": [0.7, 0.2]}', r"rows \[0.7, 0.2\]: give cuts between 0 and 1 in ascending order"),
        ('{"name": "x", "rows": ["a"]}', r"rows \['a'\]: give a list of numbers"),
        ('{"name": "x", "convention": "mine"}', "convention 'mine'; there are image, patient"),
        ('{"name": "x", "inside": 2}', "inside 2: give a share"),
        ('{"name": "x", "side_share": 0.5}', "side_share 0.5: give a share from 0 to below 0.5"),
        (
            '{"name": "x", "experts": {"mean": [[0]], "scale": [[1]], "weights": [[0, 0], [0, 0]], "bias": [1, 2]}}',
            "experts of 2 cells in 1 columns beside 6 in 2; calibrate again",
        ),
        (
            '{"name": "x", "experts": {"mean": [[0]], "scale": [[1]], "bias": [1, 2]}}',
            "it lacks weights; write it again",
        ),
        (
            '{"name": "x", "experts": {"mean": [[0]], "scale": [[1]], "weights": [[0, 0], [0]], "bias": [1, 2]}}',
            "weights is no table of numbers with rows of equal length",
        ),
        (
            '{"name": "x", "experts": {"mean": [[0]], "scale": [[1]], "weights": [[0, NaN], [0, 0]], "bias": [1, 2]}}',
            "weights has a number that is not finite",
        ),
        (
            '{"name": "x", "experts": {"mean": [[0, 1]], "scale": [[1]], "weights": [[0, 0], [0, 0]], "bias": [1, 2]}}',
            r"experts: scale has shape \(1, 1\), not \(1, 2\) as mean and bias have it",
        ),
        (
            '{"name": "x", "experts": {"mean": [[0]], "scale": [[0]], "weights": [[0, 0], [0, 0]], "bias": [1, 2]}}',
            "experts: give scales above 0",
        ),
        ('{"name": "x", "experts": [1]}', "it lacks mean; write it again with calibrate"),
        ('{"name": "x", "lungs": {"weights": [[1]], "bias": [1]}, "relative": "lungs"}', "lungs: give 4 rows of 196"),
        ('{"name": 3}', "not an object with a name"),
        ('{"name": "x", "rows": 2}', "rows 2: give a list of numbers"),
        ('{"name": "x", "rows": [NaN]}', r"rows \[nan\]: give cuts between 0 and 1"),
        ('{"name": "x", "min_area": "small"}', "min_area 'small': give a number"),
        ('{"name": "x", "min_area": NaN}', "min_area nan: give a share from 0 to below 1"),
        ('{"name": "x", "about": "me"}', "about 'me': give an object that says where it came from"),
        ('{"name": "x", "colour": 2}', "not an object with a name and some of"),
    ],
)
def test_a_wrong_file_is_an_error_of_one_line(tmp_path, content, message):
    (tmp_path / "f.json").write_text(content)
    with pytest.raises(InputError, match=message) as e:
        Frame.load(tmp_path / "f.json")
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("name", ["qata", "qata-lungs", "kvasir", "clinicdb", "thirds", "lung-thirds"])
def test_a_stray_pixel_is_a_speck_in_every_frame_that_ships(name):
    frame = Frame.load(name)
    for side in (96, 128, 224, 512):
        assert 2 / side**2 < frame.min_area, side  # so that neither one pixel nor two are a lesion


def test_of_equal_areas_the_largest_is_calibrated():
    assert calibrate(*drawn(120)).min_area == max(AREAS)  # each lesion drawn is larger, so that all do equally well


def test_a_name_that_no_file_can_have_is_one_short_line():
    with pytest.raises(InputError, match="^frame x{80}: no such frame; take") as error:
        Frame.load("x" * 5000 + ".json")
    assert len(str(error.value)) < 250


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(
        InputError, match="frame nope: no such frame; take clinicdb, kvasir, lung-thirds, qata, qata-lungs, thirds, or"
    ):
        Frame.load("nope")


@pytest.mark.parametrize("mirrored, convention", [(False, "image"), (True, "patient")])
def test_calibrating_finds_cuts_and_convention(mirrored, convention):
    frame = calibrate(*drawn(120, mirrored=mirrored), name="mine")
    assert frame.convention == convention
    assert 30 <= frame.rows[0] * 90 <= 42 and 48 <= frame.rows[1] * 90 <= 58
    held_out = drawn(80, seed=1, mirrored=mirrored)
    axes = evaluate(*held_out, frame=frame).summary()["axes"]
    assert axes["position"]["strict"] > 0.9 and axes["laterality"]["strict"] == 1
    assert evaluate(*held_out, frame="thirds" if not mirrored else frame).summary()["axes"]["count"]["strict"] > 0.9


@pytest.mark.slow
def test_learned_experts_separate_the_true_prompt_from_others():
    frame = calibrate(*drawn(400), name="mine")
    assert frame.experts is not None
    axes = evaluate(*drawn(200, seed=1), frame=frame).summary()["axes"]
    assert axes["position"]["strict"] > 0.9 and axes["position"]["score"] > axes["position"]["chance"] + 0.5
    again = Frame.from_json(json.loads(json.dumps(frame.to_json())), "again")
    assert evaluate(*drawn(20, seed=2), frame=again).rows.equals(evaluate(*drawn(20, seed=2), frame=frame).rows)


def test_calibrating_takes_prompts_with_places():
    masks, _ = drawn(5)
    with pytest.raises(InputError, match="0 prompts state a place that can be read; calibrating takes 20 or more"):
        calibrate(masks, ["infection"] * 5)


def test_calibrating_twice_gives_the_same_frame():
    assert calibrate(*drawn(60)).to_json() == calibrate(*drawn(60)).to_json()
