"""Functions of FILE.py:FUNCTION: found, imported, and called one image at a time or with lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.outside.predictor import (
    Predictor,
    load_function,
    split_name,
)

IMAGES = [np.zeros((4, 4, 3), np.uint8), np.ones((4, 4, 3), np.uint8)]


def test_a_file_may_import_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_it.py").write_text("LIMIT = 0\n")
    file = tmp_path / "model.py"
    file.write_text("from beside_it import LIMIT\n\ndef predict(image, prompt):\n    return image[..., 0] > LIMIT\n")
    predictor = Predictor(load_function(f"{file}:predict"))
    assert [answer.all() for answer in predictor(IMAGES, ["a", "b"])] == [False, True]


def test_a_function_of_lists_is_called_once_with_all() -> None:
    calls = []

    def predict(images, prompts):
        calls.append((len(images), prompts))
        return [image[..., 0] for image in images]

    assert len(Predictor(predict, batch=2)(IMAGES, ["a", "b"])) == 2
    assert calls == [(2, ["a", "b"])]


@pytest.mark.parametrize(
    ("returned", "expected"),
    [([1], "1 masks for 2 images; return one for each"), (None, "a NoneType for 2 images")],
)
def test_another_number_of_masks_than_images_is_refused(returned, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        Predictor(lambda images, prompts: returned, batch=2)(IMAGES, ["a", "b"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.py", "give FILE.py:FUNCTION, such as"),
        ("model.txt:predict", "give FILE.py:FUNCTION"),
        ("nowhere.py:predict", "nowhere.py: no such file"),
        ("model.py:predcit", "model.py has no predcit; it defines other, predict"),
        ("broken.py:predict", "broken.py is not Python"),
    ],
)
def test_a_name_that_means_nothing_is_refused_before_anything_is_imported(
    tmp_path: Path, monkeypatch, name: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.py").write_text("import numpy as np\n\nother = 1\n\ndef predict(image, prompt): ...\n")
    Path("broken.py").write_text("def predict(:\n")
    with pytest.raises(InputError, match=expected):
        split_name(name)


def test_what_is_no_function_and_a_file_that_fails_are_reported_by_name(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("predict = 3\n")
    with pytest.raises(InputError, match="predict of .*model.py is not a function"):
        load_function(f"{tmp_path}/model.py:predict")
    (tmp_path / "fails.py").write_text("def predict(): ...\nimport no_such_package\n")
    with pytest.raises(InputError, match="importing .*fails.py failed: ModuleNotFoundError"):
        load_function(f"{tmp_path}/fails.py:predict")


def test_models_in_two_folders_each_have_their_own_neighbours(tmp_path: Path) -> None:
    for folder, limit in (("a", 0), ("b", 1)):
        (tmp_path / folder / "parts").mkdir(parents=True)
        (tmp_path / folder / "net.py").write_text("from parts.limit import LIMIT\n")
        (tmp_path / folder / "parts/limit.py").write_text(f"LIMIT = {limit}\n")
        (tmp_path / folder / "model.py").write_text("import net\n\ndef predict(image, prompt): return net.LIMIT\n")
    a, b = (load_function(f"{tmp_path}/{folder}/model.py:predict") for folder in "ab")
    assert (a(None, ""), b(None, "")) == (0, 1)


def test_an_edited_neighbour_is_imported_again(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("import edited_net\n\ndef predict(image, prompt): return edited_net.LIMIT\n")
    for limit in (1, 22):
        (tmp_path / "edited_net.py").write_text(f"LIMIT = {limit}\n")
        assert load_function(f"{tmp_path}/model.py:predict")(None, "") == limit


def test_a_neighbour_that_another_module_hides_is_refused(tmp_path: Path) -> None:
    (tmp_path / "metrics.py").write_text("")
    (tmp_path / "model.py").write_text("import metrics\n\ndef predict(image, prompt): ...\n")
    with pytest.raises(InputError, match="imports metrics, which is .*; rename metrics.py and its import"):
        load_function(f"{tmp_path}/model.py:predict")
