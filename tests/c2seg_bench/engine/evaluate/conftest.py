"""A run of two trained methods and one model that is called, and the pack of its suite."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.suite import Suite
from tests.c2seg_bench.engine.evaluate.models import CLASSICAL, QUIET, SUITE


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("model") / "mymodel.py"
    file.write_text(CLASSICAL)
    return f"{file}:predict"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, model: str) -> Path:
    """A run of two methods that are trained and one that is called, by one command."""
    entry = {"predictor": model, "title": "Bright side", "params": 0.5, "link": "https://example.org"}
    suite = Suite(**{**SUITE, "methods": ["unet", "c2seg", entry]})
    return run_suite(suite, tmp_path_factory.mktemp("trained") / "run", console=QUIET)


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


@pytest.fixture(scope="session")
def suite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import yaml

    path = tmp_path_factory.mktemp("suite") / "small.yaml"
    path.write_text(yaml.safe_dump(SUITE))
    return path


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory, trained: Path, suite_file: Path) -> Path:
    out = tmp_path_factory.mktemp("pack") / "pack"
    with pytest.raises(SystemExit) as stop:
        main(["pack", str(suite_file), "--out", str(out), "--run", str(trained)])
    assert stop.value.code == 0
    return out
