"""The suite that a run stored is read again, also after the files of own methods have moved."""

import json
import pickle

import pytest

from baselines import registry
from c2seg_bench.errors import InputError
from c2seg_bench.files import write_json
from c2seg_bench.suite import Suite, load_suite, stored_suite

METHOD = """
from baselines.contract import Card, Method
from baselines.registry import register

@register
class Moved(Method):
    card = Card("moved", "Moved", 2030, "X", "https://example.org", False, None, None, ())
    sizes = {"paper": {}, "tiny": {}}
    official_recipe = {"epochs": 7}
"""


@pytest.fixture(autouse=True)
def registry_as_before(monkeypatch):
    """Methods that a test adds are forgotten after it."""
    registry.names()
    for field in ("_entries", "_origins"):
        monkeypatch.setattr(registry.METHODS, field, dict(getattr(registry.METHODS, field)))


def stored(folder, recipe="common"):
    """The suite of a run with a method of its own file, and where the run stored it."""
    (folder / "mine.py").write_text(METHOD)
    (folder / "suite.yaml").write_text(
        f"name: x\nrecipe: {recipe}\ndatasets: {{phantom: {{source: phantom}}}}\nmethods: [unet, {{module: mine.py}}]\n"
    )
    suite = load_suite(folder / "suite.yaml")
    write_json(folder / "suite.json", suite.model_dump(), checksum=True)
    return suite, folder / "suite.json"


def forget(folder):
    (folder / "mine.py").unlink()
    del registry.METHODS._entries["moved"]


def test_it_is_read_as_it_was(tmp_path):
    suite, path = stored(tmp_path)
    assert stored_suite(path).model_dump() == suite.model_dump()
    assert stored_suite(tmp_path / "nowhere.json") is None


def test_an_own_method_may_have_moved(tmp_path):
    suite, path = stored(tmp_path)
    forget(tmp_path)
    read = stored_suite(path)
    assert [method.label for method in read.methods] == ["unet", "moved"]
    assert read.training(read.trained[1]) == suite.training(suite.trained[1])
    assert pickle.loads(pickle.dumps(read)).model_dump() == suite.model_dump()  # in another process too
    assert "moved" not in registry.names()


def test_its_official_recipe_needs_the_file(tmp_path):
    _, path = stored(tmp_path, recipe="official")
    assert stored_suite(path).training(stored_suite(path).trained[1]).epochs == 7
    forget(tmp_path)
    with pytest.raises(
        InputError, match=r"suite.json: the file: module .*/mine.py: no such Python file; give the path"
    ):
        stored_suite(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[]", "damaged (not a JSON object but list)"),
        ("[" * 100_000, "damaged (not JSON: maximum recursion depth"),
        ('{"name": "x"}', "datasets: Field required; run the suite again, which writes the file"),
        (
            json.dumps({"name": "x", "datasets": {"d": {"source": "phantom"}}, "methods": ["unet"], "sede": 1}),
            "sede: unknown key; did you mean 'seeds'?; run the suite again",
        ),
    ],
)
def test_another_file_is_an_error_of_one_line(tmp_path, content, problem):
    path = tmp_path / "suite.json"
    path.write_text(content)
    with pytest.raises(InputError) as error:
        stored_suite(path)
    assert str(error.value).startswith(f"{path}: {problem}") and "\n" not in str(error.value)


def test_a_folder_of_its_name_is_an_error_of_one_line(tmp_path):
    with pytest.raises(InputError, match=r"damaged \(a folder\)"):
        stored_suite(tmp_path)


def test_equal_suites_are_equal(tmp_path):
    suite, path = stored(tmp_path)
    assert Suite(**json.loads(path.read_text())) == suite
