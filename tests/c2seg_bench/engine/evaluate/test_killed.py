"""An evaluation that is killed again and again ends with the same numbers, and repeats only the call that it was in."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.engine.cell import outside_cell
from c2seg_bench.engine.evaluate.evaluate import evaluate
from c2seg_bench.outside.answers import Answers
from c2seg_bench.suite import Suite
from tests.c2seg_bench.engine.evaluate.models import CLASSICAL, QUIET, SUITE, scores_of

pytestmark = pytest.mark.slow


def killed(start: Callable[[], object]) -> bool:
    """Run in a process that may kill itself; whether it did."""
    process = multiprocessing.get_context("fork").Process(target=start)
    process.start()
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_killed_at_ten_moments_it_ends_with_the_same_numbers(
    run: Path, trained: Path, tmp_path: Path, monkeypatch
) -> None:
    calls = tmp_path / "calls.txt"
    calls.touch()
    namespace: dict[str, Callable] = {}
    exec(CLASSICAL, namespace)

    def start(fatal_call: int) -> Callable[[], object]:
        def predict(image: np.ndarray, prompt: str) -> np.ndarray:
            with open(calls, "a") as file:
                file.write(f"{image.tobytes().hex()[:64]} {prompt}\n")
            if len(calls.read_text().splitlines()) == fatal_call:
                die()
            return namespace["predict"](image, prompt)

        return lambda: evaluate(predict, Suite(**SUITE), "Killed", out=run, console=QUIET)

    for fatal_call in (1, 2, 5, 9, 14, 15, 20):
        assert killed(start(fatal_call))
    with monkeypatch.context() as patch:  # between a mask and its checksum
        patch.setattr(Answers, "put", lambda self, k, mask: (self._bits.__setitem__(k, 255), die()))
        assert killed(start(0))
    for step in ("save_masks", "score_cell"):  # all is answered then
        with monkeypatch.context() as patch:
            patch.setattr(outside_cell, step, die)
            assert killed(start(0))
    assert not killed(start(0))
    pd.testing.assert_frame_equal(scores_of(run, "Killed"), scores_of(trained, "Bright-side"))
    number = len({*map(tuple, scores_of(run, "Killed")[["image", "prompt"]].to_numpy())})
    assert len(calls.read_text().splitlines()) == number + 8  # a call that was killed is repeated, and no other
