"""Entries of a suite for models that were trained elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.suite import Cell, OutsideCell, OutsideEntry, Suite, cells, load_suite
from c2seg_bench.suite.outside import label_of
from c2seg_bench.suite.strict import FOLDER_NAME

TEXT = """
name: s
seeds: [3, 4]
datasets: {a: {source: phantom}, b: {source: phantom}}
methods:
  - unet
  - ENTRY
"""


def load(tmp_path: Path, entry: str) -> Suite:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT.replace("ENTRY", entry))
    return load_suite(path)


def test_an_entry_has_a_card_and_one_cell_per_dataset(tmp_path: Path) -> None:
    suite = load(tmp_path, "{predictor: models/mine.py:predict, title: My model (v2), params: 3.5, link: https://x}")
    entry = suite.outside[0]
    assert (entry.label, entry.title, entry.params, entry.uses_text, entry.batch) == (
        "My-model-v2", "My model (v2)", 3.5, True, None,
    )  # fmt: skip
    grid = cells(suite, tmp_path)
    outside = [(c.dataset, c.seed) for c in grid if isinstance(c, OutsideCell)]
    assert outside == [("a", 3), ("b", 3)]
    assert [(c.dataset, c.seed) for c in grid if isinstance(c, Cell)] == [("a", 3), ("a", 4), ("b", 3), ("b", 4)]
    assert [c.method.label for c in cells(suite, tmp_path, only="My-model-v2")] == ["My-model-v2"] * 2


def test_a_suite_is_the_same_when_it_is_written_and_read_again(tmp_path: Path) -> None:
    suite = load(tmp_path, "{predictions: answers, partial: true, label: theirs}")
    assert Suite(**suite.model_dump()) == suite
    assert isinstance(suite.methods[1], OutsideEntry) and [m.label for m in suite.trained] == ["unet"]
    assert suite.encoders() == ["minilm"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{predictor: a.py:f, predictions: b}", "methods.1: give one of predictor (FILE.py:FUNCTION) and predictions"),
        ("{predictor: a.py:f, titel: x}", "methods.1.titel: unknown key; did you mean 'title'?"),
        ("{predictions: a, batch: 3}", "methods.1: batch and version belong to a predictor"),
        ("{predictor: a.py:f, partial: true}", "methods.1: partial belongs to predictions"),
        ("{predictor: a.py:f, pictures: big}", "methods.1.pictures: Input should be 'suite' or 'native'"),
        ("{predictor: a.py:f, label: unet}", "unet appears twice; give each its own label"),
        ("{predictor: a.py:f, title: empty}", "label 'empty' is the name of another row"),
        ("{name: unet, predcitor: a.py:f, label: x}", "methods.1.predcitor: unknown key; did you mean 'predictor'?"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_key(tmp_path: Path, entry: str, expected: str) -> None:
    with pytest.raises(InputError) as error:
        load(tmp_path, entry)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("title", "label"),
    [("My model", "My-model"), ("../x", "x"), ("模型", "outside-c98e118e"), ("C2Seg (ours), 2×", "C2Seg-ours-2")],
)
def test_a_title_becomes_the_name_of_a_folder(title: str, label: str) -> None:
    assert label_of(title) == label


@pytest.mark.parametrize("titles", [("模型", "别的"), ("模型 two", "two"), ("é", "e", "è"), ("x" * 99, "x" * 100)])
def test_titles_that_differ_in_a_letter_have_folders_of_their_own(titles: tuple[str, ...]) -> None:
    labels = [label_of(title) for title in titles]
    assert len(set(labels)) == len(titles)
    assert all(re.fullmatch(FOLDER_NAME, label) for label in labels)
