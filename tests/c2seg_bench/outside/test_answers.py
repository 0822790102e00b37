"""Answers on disk: what was put is there after a kill, and a torn write is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from c2seg_bench.outside.answers import Answers


def masks(n: int = 5, size: int = 9) -> np.ndarray:
    return np.random.default_rng(1).random((n, size, size)) > 0.5


def test_what_was_put_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = Answers.open(tmp_path / "answers", "key", 5, 9)
    assert first.missing().tolist() == [0, 1, 2, 3, 4]
    for k in (1, 3):
        first.put(k, masks()[k])
    again = Answers.open(tmp_path / "answers", "key", 5, 9)
    assert again.missing().tolist() == [0, 2, 4]
    assert (again.take(np.array([3, 1, 3])).unpack() == masks()[[3, 1, 3]]).all()
    assert not again.take(np.array([0])).unpack().any()


def test_an_empty_mask_is_an_answer(tmp_path: Path) -> None:
    answers = Answers.open(tmp_path / "answers", "key", 2, 9)
    answers.put(0, np.zeros((9, 9), bool))
    assert Answers.open(tmp_path / "answers", "key", 2, 9).missing().tolist() == [1]


def test_another_key_starts_anew(tmp_path: Path) -> None:
    Answers.open(tmp_path / "answers", "key", 2, 9).put(0, masks()[0])
    assert Answers.open(tmp_path / "answers", "other", 2, 9).missing().tolist() == [0, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["answers"]


def test_a_mask_that_was_written_in_part_is_missing(tmp_path: Path) -> None:
    answers = Answers.open(tmp_path / "answers", "key", 2, 9)
    answers.put(0, masks()[0])
    answers.put(1, masks()[1])
    answers._bits[1, 3] ^= 8  # as a power failure leaves it
    again = Answers.open(tmp_path / "answers", "key", 2, 9)
    assert again.missing().tolist() == [1]
    assert not again.take(np.array([1])).unpack().any()
