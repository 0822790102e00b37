"""Functions of FILE.py:FUNCTION: found, imported, and called one image at a time or with lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.outside.predictor import (
    Predictor,
    identity_of_code,
    identity_of_file,
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


def test_another_text_of_the_file_or_function_is_another_model(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text("def a(): ...\ndef b(): ...\n")
    first = identity_of_file(f"{file}:a")
    assert identity_of_file(f"{file}:a") == first != identity_of_file(f"{file}:b")
    file.write_text("def a(): ...\ndef b(): ...\nx = 1\n")
    assert identity_of_file(f"{file}:a") != first


def test_another_text_of_a_function_given_in_python_is_another_model() -> None:
    def predict(image, prompt):
        return image[..., 0] > 100

    def same(limit: int):
        def predict(image, prompt):
            return image[..., 0] > limit

        return predict

    assert identity_of_code(same(1)) == identity_of_code(same(2)) != identity_of_code(predict)
    typed = {}
    exec("def a(x): return x + 1\ndef b(x): return x + 2", typed)
    assert identity_of_code(typed["a"]) != identity_of_code(typed["b"])
