"""What makes a model another one: its code, the modules beside it, and the weights that they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.outside.identity import files_of, identity_of_code, identity_of_file
from c2seg_bench.outside.predictor import FROM_PYTHON

MODEL = """
from pathlib import Path

import numpy as np

from net import Net
from parts.head import Head

WEIGHTS, LOG = Path(__file__).parent / "weights" / "none", "answers.log"


def predict(image, prompt): ...
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch) -> Path:
    """A model of several files, in a folder with others that do not belong to it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    (folder / "parts").mkdir(parents=True)
    (folder / "model.py").write_text(MODEL)
    (folder / "net.py").write_text('WEIGHTS = "last.pt"\n\n\nclass Net: ...\n')
    (folder / "parts/__init__.py").write_text("")
    (folder / "parts/head.py").write_text("from .tail import Tail\n\n\nclass Head: ...\n")
    (folder / "parts/tail.py").write_text("class Tail: ...\n")
    (folder / "other.py").write_text("")
    (folder / "answers.log").write_text("")
    (folder / "last.pt").write_bytes(b"1")
    return folder


def test_the_files_of_a_model_are_its_code_and_the_weights_that_it_names(model: Path) -> None:
    names = {file.relative_to(model).as_posix() for file in files_of(model / "model.py")}
    assert names == {"model.py", "net.py", "parts/__init__.py", "parts/head.py", "parts/tail.py", "last.pt"}


@pytest.mark.parametrize("file", ["model.py", "net.py", "parts/tail.py", "last.pt"])
def test_a_change_of_any_of_them_is_another_model(model: Path, file: str) -> None:
    first = identity_of_file(f"{model}/model.py:predict")
    (model / file).write_bytes((model / file).read_bytes() + b"\n")
    assert identity_of_file(f"{model}/model.py:predict") != first


@pytest.mark.parametrize("file", ["other.py", "answers.log"])
def test_a_change_of_another_file_is_not(model: Path, file: str) -> None:
    first = identity_of_file(f"{model}/model.py:predict")
    (model / file).write_text("changed\n")
    assert identity_of_file(f"{model}/model.py:predict") == first


def test_weights_may_be_named_from_the_working_directory(model: Path) -> None:
    Path("runs").mkdir()
    Path("runs/best.ckpt").write_bytes(b"1")
    (model / "other.py").write_text('import net\n\nLOADED = "runs/best.ckpt"\n')
    assert Path("runs/best.ckpt").resolve() in files_of(model / "other.py")


def test_a_moved_model_is_the_same_and_another_function_is_not(model: Path, tmp_path: Path) -> None:
    (model / "model.py").write_text(MODEL + "\n\ndef other(image, prompt): ...\n")
    first = identity_of_file(f"{model}/model.py:predict")
    assert identity_of_file(f"{model}/model.py:other") != first
    model.rename(tmp_path / "moved")
    assert identity_of_file(f"{tmp_path}/moved/model.py:predict") == first


def test_a_function_given_in_python_has_no_file() -> None:
    with pytest.raises(InputError, match="call c2seg_bench.evaluate with it again"):
        identity_of_file(FROM_PYTHON)


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
