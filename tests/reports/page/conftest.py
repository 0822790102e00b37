"""A page of made-up numbers with made-up cases."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

import reports


def loaded(name: str):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def cases():
    """The module make_cases."""
    return loaded("make_cases")


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory, cases, made: Callable[..., Path]) -> Path:
    """report.html of a run with cases."""
    folder = made(tmp_path_factory.mktemp("page"), datasets=("qata",), size=16)
    cases.add_cases(folder)
    reports.build(folder)
    return folder / "report.html"
