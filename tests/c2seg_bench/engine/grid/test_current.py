"""Which results are reused after a change of suite, frame or scoring, and what a run refuses before it trains."""

import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from rich.console import Console

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.cell import steps as cells_of
from c2seg_bench.engine.device.device import launch
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.engine.request import request as requests
from c2seg_bench.engine.training.build import build
from c2seg_bench.errors import InputError
from c2seg_bench.files import only_one, write_json
from c2seg_bench.results.panel import write_panel
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite, cells
from metrics.consistency import Frame

pytestmark = pytest.mark.slow


def suite_with(**changes):
    base = {
        "name": "small",
        "size": "tiny",
        "device": "cpu",
        "seeds": [0],
        "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 6, "val": 3, "test": 4}}},
        "methods": ["unet", "lvit"],
        "train": {"epochs": 1, "batch": 6},
        "stress": {"families": ["keyboard"], "severities": [2]},
        "score": {"bootstrap": 100},
    }
    return {**base, **changes}


def run(folder, only=None, **changes):
    """Run the suite; what it printed."""
    console = Console(file=io.StringIO(), width=1000)
    run_suite(Suite(**suite_with(**changes)), folder, only=only, console=console)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run, and the frame file of its dataset."""
    folder = tmp_path_factory.mktemp("done")
    frame = folder / "frame.json"
    frame.write_text(json.dumps(Frame.load("thirds").to_json()))
    run(folder / "out", datasets=dataset(frame))
    return folder


def dataset(frame: Path):
    entry = suite_with()["datasets"]["phantom"]
    return {"phantom": {**entry, "frame": str(frame)}}


@pytest.fixture
def out(done, tmp_path):
    """A copy of the finished run, to change."""
    shutil.copytree(done / "out", tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def no_work(monkeypatch):
    """Predicting or training fails."""

    def refuse(*_):
        raise AssertionError("predicted again")

    monkeypatch.setattr(cells_of, "predict_cell", refuse)


def stamps(out, name):
    return {p: p.stat().st_mtime_ns for p in out.glob(f"cells/*/*/*/{name}")}


def test_a_changed_frame_file_gives_new_scores_of_the_same_masks(done, out, no_work):
    frame = done / "frame.json"
    before, text = pd.read_parquet(out / "scores.parquet"), frame.read_text()
    try:
        frame.write_text(json.dumps({**json.loads(text), "columns": [0.1], "side_share": 0.2}))
        run(out, datasets=dataset(frame))
        after = pd.read_parquet(out / "scores.parquet")
        assert (before["dice"] == after["dice"]).all() and not before["laterality_score"].equals(
            after["laterality_score"]
        )
        run(out, datasets=dataset(frame))
    finally:
        frame.write_text(text)
    run(out, datasets=dataset(frame))
    pd.testing.assert_frame_equal(pd.read_parquet(out / "scores.parquet"), before)


def test_another_version_of_scoring_gives_new_scores_and_the_same_gives_none(done, out, no_work, monkeypatch):
    before = stamps(out, "scores.parquet")
    run(out, datasets=dataset(done / "frame.json"))
    assert stamps(out, "scores.parquet") == before
    monkeypatch.setattr(requests, "SCORING_VERSION", requests.SCORING_VERSION + 1)
    run(out, datasets=dataset(done / "frame.json"))
    after = stamps(out, "scores.parquet")
    assert len(before) == 2 and all(after[path] > before[path] for path in before)


def test_a_record_without_a_scoring_digest_keeps_its_masks(done, out, no_work):
    for file in out.glob("cells/*/*/*/cell.json"):
        record = json.loads(file.read_text())
        write_json(file, {k: v for k, v in record.items() if k != "scoring"}, checksum=True)
    before = pd.read_parquet(out / "scores.parquet")
    run(out, datasets=dataset(done / "frame.json"))
    pd.testing.assert_frame_equal(pd.read_parquet(out / "scores.parquet"), before)


def test_cells_of_other_settings_are_left_out_and_named(done, out):
    changed = {"datasets": dataset(done / "frame.json"), "train": {"epochs": 2, "batch": 6}}
    printed = run(out, only="unet", **changed)
    assert "phantom / lvit / seed 0: done under other settings, left out" in printed
    assert set(pd.read_parquet(out / "scores.parquet")["method"]) == {"unet"}
    assert pd.read_csv(out / "tables" / "methods.csv")["method"].tolist() == ["unet"]
    assert "left out" not in run(out, **changed)
    assert set(pd.read_parquet(out / "scores.parquet")["method"]) == {"unet", "lvit"}


def test_the_panel_takes_the_first_seed_that_a_method_has(done, out):
    datasets = dataset(done / "frame.json")
    run(out, only="unet", seeds=[1, 0], datasets=datasets)
    with np.load(out / "tables" / "panel.npz") as panel:
        assert {"masks_unet", "masks_lvit"} <= set(panel)


def test_the_panel_leaves_out_who_has_no_seed(done, out):
    scores = pd.read_parquet(out / "scores.parquet")
    suite, unet = Suite(**suite_with(seeds=[5, 0])), scores[scores["method"] == "unet"]
    methods = {"datasets": ["phantom"], "labels": ["unet", "lvit"]}
    made = SimpleNamespace(
        files=RunDir(out),
        cache=lambda name: Cache.open(RunDir(out).data(name)),
        suite=suite,
        trainings={("phantom", "unet", int(unet["seed"].iloc[0]))},
        **methods,
    )
    write_panel(out / "panel.npz", made)
    with np.load(out / "panel.npz") as panel:
        assert "masks_unet" in panel and "masks_lvit" not in panel


def test_predicting_under_other_settings_ends_what_cell_json_says(done, out):
    frame = dataset(done / "frame.json")
    cell, _ = cells(Suite(**suite_with(datasets=frame)), out)
    other, _ = cells(Suite(**suite_with(datasets=frame, train={"epochs": 2, "batch": 6})), out)
    for chosen, kept in ((cell, True), (other, False)):
        inputs, fabric = cells_of.open_inputs(chosen), launch(chosen.suite)
        request = requests.request_of(chosen, inputs, cells_of.open_judge(chosen, inputs))
        cells_of.predict_cell(chosen, inputs, request, fabric, build(chosen, inputs))
        assert (cell.folder / "cell.json").exists() == kept


def test_noise_is_the_same_whatever_the_order_of_the_seeds(tmp_path):
    quiet, texts = Console(quiet=True), []
    for seeds in ([3, 7], [7, 3]):
        suite, out = Suite(**suite_with(seeds=seeds)), tmp_path / str(seeds[0])
        prepare_all(suite, RunDir(out), quiet)
        texts.append((out / "prompts/phantom/keyboard-2.jsonl").read_bytes())
    assert texts[0] == texts[1]


def test_two_runs_in_one_folder_are_refused(tmp_path):
    message = "another run is at work in .*out; wait for it, or give --out"
    with only_one(tmp_path / "out"), pytest.raises(InputError, match=message):
        run(tmp_path / "out")


@pytest.mark.parametrize("missing", ["val", "test"])
def test_a_dataset_without_a_split_is_refused_before_training(tmp_path, missing):
    splits = [split for split in ("train", "val", "test") if split != missing]
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for split in splits:
        for number in range(4):
            image = np.zeros((32, 32), np.uint8)
            image[4 : 8 + number, 4:20] = 255
            for folder in ("images", "masks"):
                Image.fromarray(image).save(tmp_path / folder / f"{split}{number}.png")
        lines = [f"{split}{number}.png,one infected area" for number in range(4)]
        (tmp_path / f"{split}.csv").write_text("image,text\n" + "\n".join(lines) + "\n")
    mine = {"mine": {"source": "folder", "root": str(tmp_path), "size": 32}}
    with pytest.raises(InputError, match=missing) as error:
        run(tmp_path / "out", datasets=mine)
    if missing == "val":
        fix = "a run needs train, val, test, or options: {validation: 0.1} to take a share of train"
        assert str(error.value) == f"datasets.mine: no pairs in the split val; {fix}"
    assert not (tmp_path / "out" / "cells").exists()
