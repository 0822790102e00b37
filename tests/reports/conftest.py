"""A built report of made-up numbers, shared by the tests that only read it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import reports

spec = importlib.util.spec_from_file_location("make_run", Path(__file__).with_name("make_run.py"))
make_run_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_run_module)


@pytest.fixture
def make_run() -> Callable[..., Path]:
    return make_run_module.make_run


@pytest.fixture(scope="session")
def made() -> Callable[..., Path]:
    """As `make_run`, for fixtures of the whole session."""
    return make_run_module.make_run


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_run_module.make_run(tmp_path_factory.mktemp("built"))
    reports.build(folder)
    return folder


@pytest.fixture
def change(make_run: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """A run of one dataset with one CSV passed through a function first."""

    def changed(file: str, edit: Callable[[pd.DataFrame], pd.DataFrame], **options) -> Path:
        folder = make_run(tmp_path / "run", datasets=("qata",), size=16, **options)
        path = folder / "tables" / file
        edit(pd.read_csv(path, keep_default_na=False)).to_csv(path, index=False)
        return folder

    return changed
