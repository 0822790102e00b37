"""The file of edited training prompts: made once, read back whole, made again where what decides it changed."""

import json

import numpy as np
import pytest

from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.engine.inputs import follow_examples
from c2seg_bench.engine.inputs.follow_examples import examples_hash, freeze_examples, read_examples
from c2seg_bench.errors import InputError
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import Dataset
from metrics.consistency.reader import ontology as ontologies


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return prepare("phantom", tmp_path_factory.mktemp("data") / "cache", 64, train=40, val=4, test=4)


@pytest.fixture(scope="module")
def judge(cache):
    return Judge.of_dataset(Dataset(source="phantom"), cache)


@pytest.fixture
def frozen(cache, judge, tmp_path):
    path = tmp_path / "follow" / "phantom.jsonl"
    return path, freeze_examples(path, cache, judge)


def test_all_kinds_are_made_of_images_of_the_training_split_alone(cache, frozen):
    rows = set(cache.rows("train").tolist())
    assert {example.kind for example in frozen[1]} == {"part", "nowhere", "mirrored"}
    assert {example.row for example in frozen[1]} <= rows


def test_targets_are_a_part_nothing_and_the_whole_mirrored(cache, frozen):
    for example in frozen[1]:
        mask = cache.masks[example.row] > 0
        target = example.target(mask)
        if example.kind == "part":
            assert 0 < target.sum() < mask.sum() and (target <= mask).all()
        else:
            np.testing.assert_array_equal(target, mask[:, ::-1] if example.kind == "mirrored" else np.zeros_like(mask))


def test_what_was_written_is_read_back(cache, judge, frozen):
    path, examples = frozen
    assert read_examples(path, cache) == examples
    before = path.stat().st_mtime_ns
    assert freeze_examples(path, cache, judge) == examples and path.stat().st_mtime_ns == before


def test_another_frame_makes_it_anew(cache, frozen):
    path, examples = frozen
    before = examples_hash(path)
    assert freeze_examples(path, cache, Judge.load("qata")) != examples
    assert examples_hash(path) != before


def test_other_code_makes_it_anew_and_trains_nothing_again_where_the_edits_are_the_same(
    cache, judge, frozen, monkeypatch
):
    path, examples = frozen
    before, text = examples_hash(path), path.read_text()
    monkeypatch.setattr(follow_examples, "module_digests", lambda roots, packages: {"some": "code"})
    assert freeze_examples(path, cache, judge) == examples
    assert path.read_text() != text and examples_hash(path) == before


def test_without_a_grammar_images_are_mirrored_and_no_prompt_is_written(cache, tmp_path):
    ontology = tmp_path / "own.json"
    ontology.write_text((ontologies.FOLDER / "chest.json").read_text())
    judge = Judge.load("thirds", str(ontology))
    found = freeze_examples(tmp_path / "phantom.jsonl", cache, judge, {"mirrored"})
    assert {example.kind for example in found} == {"mirrored"}
    with pytest.raises(InputError, match="kind part: ontology .*own.json has no grammar"):
        freeze_examples(tmp_path / "phantom.jsonl", cache, judge, {"part"})


def test_no_file_a_cut_one_and_one_of_other_data_are_one_line(cache, frozen):
    path, _ = frozen
    with pytest.raises(InputError, match=r"none.jsonl: no such file of edited training prompts; c2seg-bench run"):
        read_examples(path.with_name("none.jsonl"), cache)
    with pytest.raises(InputError, match="no such file of edited training prompts"):
        examples_hash(path.with_name("none.jsonl"))
    lines = path.read_text().splitlines()
    for line, reason in (
        ('{"image": ', "Expecting value"),
        (json.dumps(json.loads(lines[1]) | {"image": "other"}), "the dataset has no image other"),
        (json.dumps(json.loads(lines[1]) | {"row": 9999}), "multiple values for keyword argument 'row'"),
        ('{"image": "a"}', "'components'"),
        ("[]", "not an object"),
    ):
        path.write_text("\n".join([lines[0], line, *lines[2:]]) + "\n")
        with pytest.raises(InputError, match="line 2: ") as error:
            read_examples(path, cache)
        message = str(error.value)
        assert reason in message and message.endswith("; delete the file, the run writes it again")
