"""Folders of targets and predictions."""

import pytest

from tests.c2seg_bench.scoring.folders.calls import save
from tests.c2seg_bench.scoring.score_command import blob


@pytest.fixture
def folder(tmp_path):
    """Targets a, b, c with predictions of the same names."""
    for k, name in enumerate("abc"):
        save(tmp_path / "gt" / f"{name}.png", blob(k + 50) * 255)
        save(tmp_path / "pred" / f"{name}.png", blob(k) * 255)
    return tmp_path
