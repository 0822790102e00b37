"""Conditions print and parse; every path of a run is where scripts outside look for it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c2seg_bench.rundir import CLEAN, Condition, RunDir

FAMILIES = st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True)


@given(FAMILIES, st.integers(1, 5))
def test_a_condition_reads_what_it_wrote(family, severity):
    written = str(Condition(family, severity))
    assert written == f"{family}-{severity}"
    assert Condition.parse(written) == Condition(family, severity)


def test_clean_is_a_word_of_its_own():
    assert str(CLEAN) == "clean"
    assert Condition.parse("clean") == CLEAN


@pytest.mark.parametrize("text", ["", "keyboard", "keyboard-", "-3", "keyboard-0", "keyboard-x", "Clean", "keyboard--"])
def test_no_condition(text):
    with pytest.raises(ValueError, match="FAMILY-SEVERITY such as keyboard-3"):
        Condition.parse(text)


def test_paths_of_a_run():
    run = RunDir(Path("out"))
    noisy = Condition("keyboard", 3)
    cell = run.cell("phantom", "c2seg", 1)
    paths = {
        run.suite: "suite.json",
        run.scores: "scores.parquet",
        run.table("main"): "tables/main.csv",
        run.about: "tables/run.json",
        run.panel: "tables/panel.npz",
        run.explorer: "tables/explorer.json",
        run.report: "report.md",
        run.figures: "figures",
        run.data("phantom"): "data/phantom",
        run.text("minilm"): "text/minilm",
        run.noisy_prompts("phantom", noisy): "prompts/phantom/keyboard-3.jsonl",
        cell.folder: "cells/phantom/c2seg/seed1",
        cell.record: "cells/phantom/c2seg/seed1/cell.json",
        cell.scores: "cells/phantom/c2seg/seed1/scores.parquet",
        cell.predictions(CLEAN): "cells/phantom/c2seg/seed1/predictions/clean.npz",
        cell.predictions(noisy): "cells/phantom/c2seg/seed1/predictions/keyboard-3.npz",
        cell.checkpoint.with_suffix(".safetensors"): "cells/phantom/c2seg/seed1/checkpoint.safetensors",
        cell.pretrained.with_suffix(".json"): "cells/phantom/c2seg/seed1/pretrain.json",
        cell.training_state("train"): "cells/phantom/c2seg/seed1/train-state.pt",
        cell.progress: "cells/phantom/c2seg/seed1/progress.json",
        cell.log: "cells/phantom/c2seg/seed1/log.jsonl",
    }
    assert {path.as_posix(): f"out/{where}" for path, where in paths.items()} == {
        f"out/{where}": f"out/{where}" for where in paths.values()
    }
