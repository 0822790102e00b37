"""Edited prompts with a known answer in a run: frozen, predicted, scored, and part of what a cell answers."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import metrics
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.masks.packed import load_masks
from c2seg_bench.engine.grid.run import explain_suite, run_suite
from c2seg_bench.errors import InputError
from c2seg_bench.referring.frozen import read_frozen
from c2seg_bench.rundir import Condition, RunDir
from c2seg_bench.suite import load_suite

SUITE = """
name: small
size: tiny
device: cpu
datasets: {phantom: {source: phantom, size: 32, options: {train: 12, val: 4, test: 12}}}
methods: [unet, c2seg]
train: {epochs: 1, batch: 4, lr: 0.002}
stress: {families: [empty], severities: [1], images: 4}
score: {bootstrap: 100}
"""
REFERRING = "referring: {per_image: 2}\n"

pytestmark = pytest.mark.slow


def suite_of(folder: Path, text: str = SUITE + REFERRING):
    folder.mkdir(exist_ok=True)
    (folder / "suite.yaml").write_text(text)
    return load_suite(folder / "suite.yaml")


def run(folder: Path, text: str = SUITE + REFERRING) -> RunDir:
    return RunDir(run_suite(suite_of(folder, text), folder / "out", console=Console(quiet=True)))


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> RunDir:
    return run(tmp_path_factory.mktemp("run"))


def rows_of(done: RunDir, method: str, condition: str) -> pd.DataFrame:
    scores = pd.read_parquet(done.scores)
    return scores[(scores["method"] == method) & (scores["condition"] == condition)]


def test_each_example_has_a_row_scored_against_its_own_right_mask(done):
    cache = Cache.open(done.data("phantom"))
    frozen = read_frozen(done.referring("phantom"), cache)
    assert {condition.family for condition in frozen.by_condition} == {"part", "nowhere", "mirrored", "conflict"}
    for condition, examples in frozen.by_condition.items():
        names, masks = load_masks(done.cell("phantom", "c2seg", 0).predictions(condition))
        rows = rows_of(done, "c2seg", str(condition)).set_index("image").loc[names]
        assert names == [cache.index["name"].iloc[example.row] for example in examples]
        assert list(rows["prompt"]) == [example.prompt for example in examples]
        expected = [metrics.dice(m, e.target(cache.masks[e.row])) for m, e in zip(masks, examples, strict=True)]
        assert rows["dice"].to_numpy() == pytest.approx(np.array(expected))


def test_a_method_without_text_gives_the_mask_of_the_true_prompt_to_every_prompt_of_the_image(done):
    for condition in ("part-1", "nowhere-1"):
        rows = rows_of(done, "unet", condition)
        assert len(rows) and (rows["stability"] == 1).all()
        assert rows["dice"].to_numpy() == pytest.approx(rows["own_dice"].to_numpy())


def test_a_method_without_text_gives_a_flipped_image_one_mask_whatever_the_prompt(done):
    files = done.cell("phantom", "unet", 0)
    mirrored = dict(zip(*load_masks(files.predictions(Condition("mirrored", 1))), strict=True))
    for name, mask in zip(*load_masks(files.predictions(Condition("conflict", 1))), strict=True):
        assert (mask == mirrored[name]).all()


def test_a_run_that_is_done_is_not_done_again(done, tmp_path):
    shutil.copytree(done.out, tmp_path / "out")
    again = RunDir(tmp_path / "out")
    paths = [again.referring("phantom"), *sorted((tmp_path / "out/cells").rglob("*.npz"))]
    before = [path.stat().st_mtime_ns for path in paths]
    run(tmp_path)
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_adding_the_key_predicts_again_and_does_not_train_again(tmp_path):
    out = run(tmp_path, SUITE).out
    weights = out / "cells/phantom/c2seg/seed0/checkpoint.safetensors"
    before = weights.stat().st_mtime_ns
    assert "whole_dice" not in pd.read_parquet(out / "scores.parquet")
    lines = explain_suite(suite_of(tmp_path), out, console=Console(quiet=True))
    assert lines[1].startswith("phantom / c2seg / seed 0: predict, score: ")
    assert lines[1].endswith("the edited prompts with a known answer are new")
    run(tmp_path)
    assert weights.stat().st_mtime_ns == before
    assert (pd.read_parquet(out / "scores.parquet")["condition"] == "part-1").any()


def test_lost_masks_of_a_condition_are_predicted_again(done, tmp_path):
    shutil.copytree(done.out, tmp_path / "out")
    lost = RunDir(tmp_path / "out").cell("phantom", "c2seg", 0)
    masks = lost.predictions(Condition("mirrored", 1)).read_bytes()
    lost.predictions(Condition("mirrored", 1)).unlink()
    lost.scores.unlink()
    run(tmp_path)
    assert len(lost.predictions(Condition("mirrored", 1)).read_bytes()) == len(masks)
    first, second = (pd.read_parquet(out.scores) for out in (done, RunDir(tmp_path / "out")))
    columns = ["method", "condition", "image", "dice"]
    pd.testing.assert_frame_equal(first[columns], second[columns])


def test_a_frozen_file_that_was_changed_is_refused(done, tmp_path):
    shutil.copytree(done.out, tmp_path / "out")
    path = RunDir(tmp_path / "out").referring("phantom")
    stored = json.loads(path.read_text())
    stored["examples"][0]["prompt"] = "something else"
    path.write_text(json.dumps(stored))
    with pytest.raises(InputError, match=r"phantom\.json: was changed since it was written; delete it"):
        run(tmp_path)


def test_all_other_tables_are_those_of_a_run_without(done, tmp_path):
    plain = run(tmp_path, SUITE)
    for name in ("main", "axes", "stress", "robustness"):
        assert done.table(name).read_text() == plain.table(name).read_text(), name
