"""A judge loads once what verdicts need, and gives the verdicts of `metrics.consistency.evaluate`."""

import json
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import Dataset
from metrics.consistency import Frame, evaluate
from metrics.consistency.reader import ontology
from metrics.errors import InputError

PROMPTS = ["one infected area, upper left lung", "two infected areas, lower left lung and lower right lung"]
RNG = np.random.default_rng(0)
MASKS = RNG.random((2, 16, 16)) > 0.7
MANIFEST = {"ontology": "chest", "frame": "qata"}


def cache(count=4, **manifest):
    images = RNG.integers(0, 255, (count, 32, 32, 3), dtype=np.uint8)
    return SimpleNamespace(images=images, manifest={**MANIFEST, **manifest})


def test_the_ontology_is_given_or_that_of_the_frame_or_chest(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({**Frame.load("thirds").to_json(), "about": {"ontology": "colonoscopy"}}))
    assert Judge.load("thirds").ontology == "chest"
    assert Judge.load(str(file)).ontology == "colonoscopy"
    assert Judge.load(str(file), "chest").ontology == "chest"
    assert Judge.load("kvasir").ontology == "colonoscopy"


@pytest.mark.parametrize("frame, ontology, wrong", [("sixths", None, "sixths"), ("thirds", "knee", "knee")])
def test_an_unknown_name_is_an_error_when_the_judge_is_loaded(frame, ontology, wrong):
    with pytest.raises(InputError, match=wrong):
        Judge.load(frame, ontology)


def test_the_suite_overrides_what_the_dataset_says():
    own = Judge.of_dataset(Dataset(source="x"), cache())
    assert (own.ontology, own.frame_name) == ("chest", "qata")
    other = Judge.of_dataset(Dataset(source="x", ontology="colonoscopy", frame="kvasir"), cache())
    assert (other.ontology, other.frame_name, other.frame) == ("colonoscopy", "kvasir", Frame.load("kvasir"))


def test_pictures_belong_to_a_frame_that_looks_at_them_and_to_no_other():
    prepared = cache(frame="qata-lungs")
    assert Judge.of_dataset(Dataset(source="x"), prepared).images is prepared.images
    assert Judge.of_dataset(Dataset(source="x", frame="qata"), prepared).images is None


def test_verdicts_are_those_of_evaluate():
    judge = Judge.load("qata")
    expected = evaluate(MASKS, PROMPTS, "chest", "qata").rows
    pd.testing.assert_frame_equal(judge.rows(MASKS, PROMPTS), expected)
    pd.testing.assert_frame_equal(judge.evaluate(MASKS, PROMPTS).rows, expected)


def test_rows_say_which_pictures_the_masks_belong_to():
    prepared = cache(frame="qata-lungs")
    judge, rows = Judge.of_dataset(Dataset(source="x"), prepared), np.array([3, 1])
    masks = RNG.random((2, 32, 32)) > 0.7
    expected = evaluate(masks, PROMPTS, "chest", "qata-lungs", images=prepared.images[[3, 1]]).rows
    pd.testing.assert_frame_equal(judge.rows(masks, PROMPTS, rows), expected)


def test_lung_masks_are_taken_by_row_too():
    lungs = [np.pad(np.ones((20 - k, 28), bool), ((4 + k, 8), (2, 2))) for k in range(4)]
    frame = Frame.load("lung-thirds")
    judge, masks = Judge("chest", frame, "lung-thirds", lungs=lungs), RNG.random((2, 32, 32)) > 0.7
    expected = evaluate(masks, PROMPTS, "chest", frame, lungs=[lungs[2], lungs[0]]).rows
    pd.testing.assert_frame_equal(judge.rows(masks, PROMPTS, np.array([2, 0])), expected)


def test_only_the_experts_masks_warn_of_a_mirrored_frame():
    masks = np.zeros((25, 16, 16), bool)
    masks[:, 2:6, 10:14] = True
    prompts = ["one infected area, upper left lung"] * 25
    judge = Judge.load("thirds")  # the picture's left
    with pytest.warns(UserWarning, match="convention"):
        judge.evaluate(masks, prompts)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        judge.rows(masks, prompts)


def test_settings_are_equal_where_verdicts_are(tmp_path):
    file = tmp_path / "same.json"
    file.write_text(json.dumps(Frame.load("thirds").to_json()))
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps({**Frame.load("thirds").to_json(), "side_share": 0.2}))
    settings = Judge.load("thirds").settings()
    assert json.loads(json.dumps(settings)) == settings
    assert Judge.load(str(file)).settings() == settings != Judge.load(str(changed)).settings()
    assert Judge.load("thirds", "colonoscopy").settings() != settings


def test_settings_follow_the_text_of_an_ontology_and_not_its_place(tmp_path):
    text = (Path(ontology.__file__).parent / "ontologies/chest.json").read_text()
    for name, content in (("one", text), ("two", text), ("other", text.replace('"title": "', '"title": "My '))):
        (tmp_path / f"{name}.json").write_text(content)
    one, two, other = (
        Judge.load("thirds", str(tmp_path / f"{name}.json")).settings() for name in ("one", "two", "other")
    )
    assert one == two != other
