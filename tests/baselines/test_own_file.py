"""Methods in a user's own file: the inherited test of the contract, and one-line errors for faulty files."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from baselines import registry
from c2seg_bench.errors import InputError
from c2seg_bench.suite import Suite, load_suite
from c2seg_bench.testing import MethodTest

OWN = Path(__file__).parents[1] / "data/own_method"

METHOD = """
from baselines.contract import Card, Method
from baselines.registry import register

@register
class Other(Method):
    card = Card("{name}", "Other", 2030, "X", "https://example.org", False, None, None, ())
    sizes = {{"paper": {{}}, "tiny": {{}}}}
"""
SUITE = "name: x\ndatasets: {{phantom: {{source: phantom, size: 32}}}}\nmethods: [{entry}]\n"


@pytest.fixture(autouse=True)
def registry_as_before(monkeypatch):
    """Methods that a test adds are forgotten after it."""
    registry.names()
    for field in ("_entries", "_origins"):
        monkeypatch.setattr(registry.METHODS, field, dict(getattr(registry.METHODS, field)))
    yield
    for name in [name for name in sys.modules if name.startswith("own_")]:
        del sys.modules[name]


class TestOwnUNet(MethodTest):
    name = "own-unet"
    module = str(OWN / "own_unet.py")


def write_suite(folder, entry, **files):
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    path = folder / "suite.yaml"
    path.write_text(SUITE.format(entry=entry))
    return path


def test_a_module_is_relative_to_its_suite(tmp_path, monkeypatch):
    (tmp_path / "methods").mkdir()
    suite = write_suite(tmp_path, "{module: methods/mine.py}")
    (tmp_path / "methods/mine.py").write_text(METHOD.format(name="other"))
    monkeypatch.chdir("/")
    method = load_suite(suite).trained[0]
    assert (method.name, method.label, method.module) == ("other", "other", str(tmp_path / "methods/mine.py"))
    assert registry.get("other").card.title == "Other"


def test_a_suite_as_a_run_stores_it_is_read_again(tmp_path):
    suite = load_suite(
        write_suite(tmp_path, "{module: mine.py, name: other, label: again}", mine=METHOD.format(name="other"))
    )
    assert Suite(**suite.model_dump()).trained[0] == suite.trained[0]


def test_two_methods_of_a_file_are_taken_by_name(tmp_path):
    both = METHOD.format(name="one") + METHOD.format(name="two").replace("class Other", "class Another")
    entry = "{module: mine.py, name: one}, {module: mine.py, name: two}"
    assert [m.label for m in load_suite(write_suite(tmp_path, entry, mine=both)).trained] == ["one", "two"]


def test_a_worker_process_imports_the_module_too(tmp_path):
    suite = load_suite(write_suite(tmp_path, "{module: mine.py}", mine=METHOD.format(name="other")))
    (tmp_path / "suite.pickle").write_bytes(pickle.dumps(suite))
    script = (
        "import pickle, sys; suite = pickle.load(open(sys.argv[1], 'rb'))\n"
        "from baselines import registry; print(registry.get(suite.trained[0].name).card.title)"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "suite.pickle"], capture_output=True, text=True)
    assert done.stdout == "Other\n", done.stderr


def test_an_edited_file_is_imported_again(tmp_path):
    file = tmp_path / "mine.py"
    for title in ("First", "Second"):
        file.write_text(METHOD.format(name="other").replace('"Other"', f'"{title}"'))
        assert registry.load_file(file) == ["other"]
        assert registry.get("other").card.title == title


WRONG = {
    "no file": (None, "mine.py: no such Python file"),
    "no method": ("x = 1\n", "mine.py: registers no method; decorate its class with @register"),
    "not Python": ("def f(:\n", "mine.py: SyntaxError: invalid syntax"),
    "missing library": ("\nimport no_such_library\n", "mine.py: line 2: ModuleNotFoundError: No module named 'no_such_library'"),
    "name with a space": (METHOD.format(name="my method"), "ValueError: card: name 'my method': becomes the name of a folder; use letters"),
    "name with a slash": (METHOD.format(name="a/b"), "ValueError: card: name 'a/b': becomes the name of a folder"),
    "no name": (METHOD.format(name=""), "ValueError: card: name '': becomes the name of a folder"),
    "name that is taken": (METHOD.format(name="unet"), "TypeError: Other: the name 'unet' is taken by baselines.unet.UNet"),
    "another name": (METHOD.format(name="others"), "defines no method 'other'; it has others"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_one_line(case, tmp_path):
    text, message = WRONG[case]
    suite = write_suite(tmp_path, "{module: mine.py, name: other}", **({} if text is None else {"mine": text}))
    with pytest.raises(InputError, match=r"^[^\n]*$") as error:
        load_suite(suite)
    assert str(error.value).startswith(f"{suite}: methods.0: ") or "methods.0.module" in str(error.value)
    assert message in str(error.value)


def test_a_file_of_several_methods_needs_a_name(tmp_path):
    both = METHOD.format(name="one") + METHOD.format(name="two").replace("class Other", "class Another")
    with pytest.raises(InputError, match="methods.0: name: give one of one, two$"):
        load_suite(write_suite(tmp_path, "{module: mine.py}", mine=both))
    with pytest.raises(InputError, match="methods.0: name: give the name of a method$"):
        load_suite(write_suite(tmp_path, "{label: x}"))


def test_a_neighbour_that_this_project_hides_is_named(tmp_path):
    """Python would import this project's package `metrics`, and the name would be missing in it."""
    suite = write_suite(tmp_path, "{module: mine.py}", metrics="mine = 1\n", mine="from metrics import mine\n")
    with pytest.raises(InputError) as error:
        load_suite(suite)
    assert "mine.py: imports metrics, which is " in str(error.value)
    assert f"not {tmp_path}/metrics.py; rename metrics.py and its import" in str(error.value)
