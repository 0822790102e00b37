"""Which edits of code change a digest, and which imports are followed."""

import importlib
import sys
from pathlib import Path

import pytest

from c2seg_bench.files.module_digests import module_digests

NET = '''"""A method."""
from typing import TYPE_CHECKING

from mine.parts import block  # of my package

if TYPE_CHECKING:
    from mine.unused import Thing


def forward(x):
    """Docstring."""
    from . import late

    return block(x) + late.bias
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package `mine` outside the project: net -> parts -> deep, and late; others are not imported."""
    folder = tmp_path / "mine"
    folder.mkdir()
    files = {
        "__init__": "",
        "net": NET,
        "parts": "import mine.deep.core as core\n\n\ndef block(x):\n    return core.double(x)\n",
        "late": "bias = 1\n",
        "unused": "class Thing: pass\n",
    }
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "deep").mkdir()
    (folder / "deep/__init__.py").write_text("")
    (folder / "deep/core.py").write_text("def double(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield folder
    for name in [n for n in sys.modules if n.split(".")[0] == "mine"]:
        del sys.modules[name]


def digests():
    return module_digests(["mine.net"], ["mine"])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_imports_are_followed_inside_the_packages_alone(package):
    assert list(digests()) == ["mine", "mine.deep", "mine.deep.core", "mine.late", "mine.net", "mine.parts"]
    assert list(module_digests(["mine.net"], ["mine.parts"])) == ["mine.net", "mine.parts"]


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("net.py", "Docstring.", "Another sentence."),
        ("net.py", '    """Docstring."""\n', ""),
        ("net.py", "  # of my package", ""),
        ("net.py", "return block(x) + late.bias", "return (\n        block(x)\n        + late.bias\n    )"),
        ("unused.py", "pass", "size = 3"),
    ],
)
def test_comments_docstrings_formatting_and_unused_modules_do_not_count(package, file, old, new):
    before = digests()
    edit(package / file, old, new)
    assert digests() == before


@pytest.mark.parametrize(
    "file, old, new, module",
    [
        ("net.py", "+ late.bias", "- late.bias", "mine.net"),
        ("deep/core.py", "2 * x", "3 * x", "mine.deep.core"),
        ("late.py", "1", "1.5", "mine.late"),
        ("__init__.py", "", "import os\nos.environ['MODE'] = 'x'\n", "mine"),
    ],
)
def test_an_edit_changes_the_digest_of_its_module(package, file, old, new, module):
    before = digests()
    edit(package / file, old, new)
    after = digests()
    assert {name for name in before if before[name] != after[name]} == {module}
