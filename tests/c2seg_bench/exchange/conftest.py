"""A small finished run for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.suite import Suite

SUITE = {
    "name": "small",
    "device": "cpu",
    "seeds": [0, 1],
    "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 8, "val": 4, "test": 10}}},
    "methods": ["unet", "lvit"],
    "train": {"epochs": 3, "batch": 4, "lr": 5e-3},
    "stress": {"families": ["keyboard", "swap_side"], "severities": [2]},
    "score": {"bootstrap": 100},
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_suite(Suite(**SUITE), tmp_path_factory.mktemp("run"), console=Console(quiet=True))
