"""The examples of docs/examples run as they are, from the checkout's root."""

from __future__ import annotations

import io
import re
import runpy
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pandas as pd
import pytest

from c2seg_bench.cli.main import main

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs/examples"
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(EXAMPLES))


def run(script: str, *arguments: str | Path) -> str:
    """What the example prints."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr(sys, "argv", [script, *map(str, arguments)])
        runpy.run_path(str(EXAMPLES / script), run_name="__main__")
    return printed.getvalue()


def command(*arguments: str | Path) -> str:
    """What c2seg-bench prints; it must end with 0."""
    printed = io.StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    assert stop.value.code == 0
    return printed.getvalue()


def test_arrays_tensors_and_lists_are_scored_alike() -> None:
    printed = run("score_arrays.py")
    assert "equal: True rows: 4 2" in printed
    one, summary = (float(re.search(rf"{name}: ([\d.]+)", printed)[1]) for name in ("one pair", "summary"))
    assert 0.7 < one < 1 and abs(one - summary) < 0.05


def test_a_validation_loop_prints_three_metrics() -> None:
    printed = run("validation_loop.py")
    dice, hd95, consistency = (
        float(re.search(rf"{name}'?:? ([\d.]+)", printed)[1]) for name in ("dice", "hd95", "consistency")
    )
    assert 0.9 < dice < 1 and 0 < hd95 < 64 and 0 < consistency <= 1


def test_a_suite_a_function_and_a_pack_give_the_same_row(tmp_path: Path) -> None:
    """The suite's example with a model of its own, the same in Python, and the same as files."""
    out, suite = tmp_path / "run", EXAMPLES / "suite_with_my_model.yaml"
    command("run", suite, "--out", out)
    report = (out / "report.md").read_text()
    assert "Grey spots" in report and "LViT" in report
    of_suite = clean_scores(out, "Grey-spots")
    text = suite.read_text().replace(
        "  - {predictor: docs/examples/my_model.py:predict, title: Grey spots, params: 0, link: https://example.org/spots}\n",
        "",
    )
    alone = tmp_path / "alone.yaml"
    alone.write_text(text)
    printed = run("evaluate_in_python.py", alone, out)
    assert "Grey-spots in " in printed and "masks scored" in printed
    pd.testing.assert_frame_equal(clean_scores(out, "Grey-spots"), of_suite)
    command("pack", alone, "--out", tmp_path / "pack", "--run", out)
    run("answer_pack.py", tmp_path / "pack", tmp_path / "answers")
    answers = ["--pack", tmp_path / "pack", "--predictions", tmp_path / "answers"]
    command("evaluate", alone, *answers, "--name", "Files", "--out", out)
    pd.testing.assert_frame_equal(clean_scores(out, "Files"), of_suite)
    command("export", out, "--method", "Files", "--out", tmp_path / "files.zip")
    command("export", out, "--method", "lvit", "--out", tmp_path / "lvit.zip")
    board = command("leaderboard", tmp_path / "files.zip", tmp_path / "lvit.zip", "--out", tmp_path / "board")
    assert "phantom-chest: 1. " in board and "not ranked" not in board


def clean_scores(out: Path, method: str) -> pd.DataFrame:
    scores = pd.read_parquet(out / "scores.parquet")
    return scores[scores["method"] == method].drop(columns=["method", "seed"]).reset_index(drop=True)
