"""Which edits of code change a digest, and whose code decides a cell's results."""

import importlib
import sys
from pathlib import Path

import pytest

from c2seg_bench.engine import code
from c2seg_bench.suite import Suite, cells

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
    return code.module_digests(["mine.net"], ["mine"])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_imports_are_followed_inside_the_packages_alone(package):
    assert list(digests()) == ["mine", "mine.deep", "mine.deep.core", "mine.late", "mine.net", "mine.parts"]
    assert list(code.module_digests(["mine.net"], ["mine.parts"])) == ["mine.net", "mine.parts"]


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


def cell_of(method, **train):
    suite = Suite(name="s", datasets={"phantom": {"source": "phantom"}}, methods=[{"name": method, "train": train}])
    return cells(suite, Path("out"))[0]


@pytest.mark.parametrize(
    "method, own",
    [
        ("unet", {"baselines.unet", "baselines.layers"}),
        ("lvit", {"baselines.lvit", "baselines.layers"}),
        ("c2seg", {"c2seg_bench.model.c2seg", "c2seg_bench.model.cacl", "baselines.losses"}),
    ],
)
def test_a_cell_depends_on_its_method_what_that_uses_and_training(method, own):
    modules = set(code.training_code(cell_of(method)))
    assert own | {"baselines.contract", "c2seg_bench.engine.training.train", "c2seg_bench.engine.predict"} <= modules
    others = {"baselines.unet", "baselines.lvit", "baselines.transunet", "c2seg_bench.model.c2seg"} - own
    assert not modules & others
    assert not any(name.split(".")[1:2] in (["cli"], ["results"], ["stress"]) for name in modules)


def test_noise_in_training_brings_the_code_of_its_families():
    plain = code.training_code(cell_of("unet"))
    noisy = code.training_code(cell_of("unet", noise={"families": ["keyboard"]}))
    added = noisy.keys() - plain.keys()
    assert added and all(name.startswith("c2seg_bench.stress") for name in added)


def test_following_brings_the_code_of_its_targets_and_agreement_that_of_the_default_noise():
    targets = "c2seg_bench.referring.example"
    assert targets not in code.training_code(cell_of("lvit"))
    assert targets in code.training_code(cell_of("lvit", follow={"part": 0.1}))
    agreeing = code.training_code(cell_of("lvit", follow={"agree": 0.1}))
    assert "c2seg_bench.stress.families.misspellings" in agreeing


def test_every_module_that_training_imports_counts_but_those_that_are_named(monkeypatch):
    counted = set(code.training_code(cell_of("unet")))
    monkeypatch.setattr(code, "NOT_DECIDING", ())
    everything = set(code.training_code(cell_of("unet")))
    assert {name for name in everything - counted if name.startswith("c2seg_bench")} == {
        "c2seg_bench.engine.checkpoint",
        "c2seg_bench.engine.code",
        "c2seg_bench.engine.conditions",
        "c2seg_bench.engine.progress",
        "c2seg_bench.engine.referring",
        "c2seg_bench.engine.request",
        "c2seg_bench.engine.training.stage_state",
    }


def test_scores_depend_on_metrics_the_reader_and_its_vocabulary():
    scoring = code.scoring_code()
    expected = {
        "metrics.boundary",
        "metrics.overlap",
        "metrics.consistency.judge.check",
        "metrics.consistency.reader.parse",
        "c2seg_bench.scoring.adherence",
        "chest.json",
    }
    assert expected <= scoring.keys()
    assert "metrics.stats" not in scoring and not any(name.startswith("baselines") for name in scoring)
