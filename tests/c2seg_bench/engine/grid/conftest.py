"""A finished run of a module's suite, and copies of it to change."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="module")
def finished(request, tmp_path_factory):
    """The folder of a run that the module's `run` made."""
    out = tmp_path_factory.mktemp("finished") / "out"
    request.module.run(out)
    return out


@pytest.fixture
def out(finished, tmp_path):
    """A copy of the finished run, to change."""
    shutil.copytree(finished, tmp_path / "out")
    return tmp_path / "out"
