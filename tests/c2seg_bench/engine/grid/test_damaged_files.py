"""Files of a finished run, damaged one after another: no other number comes out, and the next run repairs it."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file, save_file

from c2seg_bench.cli.main import main
from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.suite import Suite

pytestmark = pytest.mark.minutes
SUITE = {
    "name": "small",
    "size": "tiny",
    "device": "cpu",
    "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 8, "val": 3, "test": 4}}},
    "methods": [{"name": "c2seg", "pretrain": {"epochs": 1, "batch": 4}}],
    "train": {"epochs": 2, "batch": 4},
    "stress": {"families": ["keyboard"], "severities": [2]},
    "score": {"bootstrap": 100},
}
CELL = "cells/phantom/c2seg/seed0"


@pytest.fixture(autouse=True)
def no_pages(monkeypatch):
    """Tables are enough."""
    monkeypatch.setattr("c2seg_bench.engine.grid.finish.reports.build", lambda *_: [])


def run(out):
    console = Console(file=io.StringIO(), width=1000)
    run_suite(Suite(**SUITE), out, console=console)
    return console.file.getvalue()


def tables(out):
    """Everything that a reader of the run takes numbers from; not how long training took."""
    methods = pd.read_csv(out / "tables/methods.csv").drop(columns="minutes").to_csv()
    files = sorted(path for path in (out / "tables").glob("*.csv") if path.stem != "methods")
    return {"methods": methods, **{path.name: path.read_text() for path in files}}


def flip(path: Path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def not_finite(path: Path):
    weights = load_file(path)
    name = next(name for name, value in weights.items() if value.is_floating_point() and value.numel() > 1)
    weights[name].view(-1)[0] = torch.nan
    save_file(weights, path)


def masks(change):
    def damage(path: Path):
        with np.load(path) as stored:
            arrays = dict(stored)
        np.savez_compressed(path, **change(arrays))

    return damage


def edited(column, value):
    def damage(path: Path):
        pd.read_parquet(path).assign(**{column: value}).to_parquet(path, index=False)

    return damage


def set_in_json(**values):
    return lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


fewer = masks(lambda a: {**a, "names": a["names"][1:], "bits": a["bits"][1:]})
reordered = masks(lambda a: {**a, "names": a["names"][::-1]})
DAMAGE = {  # what is done to which file
    "a flipped byte in the weights": (flip, f"{CELL}/checkpoint.safetensors"),
    "weights that are not finite": (not_finite, f"{CELL}/checkpoint.safetensors"),
    "an edited epoch": (set_in_json(epoch=7, params={"trainable": 1.0}), f"{CELL}/checkpoint.json"),
    "a description that is a list": (lambda path: path.write_text("[1]"), f"{CELL}/checkpoint.json"),
    "a flipped byte in pretrained weights": (flip, f"{CELL}/pretrain.safetensors"),
    "masks of fewer images": (fewer, f"{CELL}/predictions/clean.npz"),
    "masks in another order": (reordered, f"{CELL}/predictions/keyboard-2.npz"),
    "half a file of masks": (cut, f"{CELL}/predictions/clean.npz"),
    "edited scores of a cell": (edited("dice", 1.0), f"{CELL}/scores.parquet"),
    "no scores of a cell": (lambda path: path.write_bytes(b""), f"{CELL}/scores.parquet"),
    "an edited record": (set_in_json(date="2020-01-01"), f"{CELL}/cell.json"),
    "edited scores of the run": (edited("dice", 1.0), "scores.parquet"),
    "an edited suite": (set_in_json(seeds=[0, 1, 2]), "suite.json"),
    "a flipped byte in an image": (flip, "data/phantom/images.npy"),
    "a flipped byte in an expert's mask": (flip, "data/phantom/masks.npy"),
    "half an index": (cut, "data/phantom/index.parquet"),
    "a flipped byte in an embedding": (flip, "text/minilm/prompts-00000.safetensors"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_named_and_made_again_and_no_number_changes(finished, out, name, capfd):
    damage, file = DAMAGE[name]
    damage(out / file)
    run(out)
    assert tables(out) == tables(finished)
    lines = [line for line in capfd.readouterr().err.splitlines() if "damaged" in line]
    assert len(lines) == 1 and str(out / file) in lines[0].replace("phantom: ", "phantom/")
    if not file.startswith("data"):  # a cache is replaced as a whole
        aside = out / f"{file}.damaged"
        assert aside.exists() and f"set aside as {aside.name}, it is made again" in lines[0]


READ_BY_A_REPORT = ("scores.parquet", "suite.json", "data/", f"{CELL}/cell.json", f"{CELL}/checkpoint.json")
NOT_READ = ["a flipped byte in the weights", "edited scores of a cell"]


@pytest.mark.parametrize(
    "name",
    [*NOT_READ, *(n for n, (_, file) in DAMAGE.items() if file.startswith(READ_BY_A_REPORT) or "clean.npz" in file)],
)
def test_a_report_of_damaged_files_is_refused_in_one_line(finished, out, name, capsys):
    damage, file = DAMAGE[name]
    damage(out / file)
    with pytest.raises(SystemExit) as e:
        main(["report", str(out)])
    lines = capsys.readouterr().err.splitlines()
    if name not in NOT_READ:
        assert e.value.code == 2 and len(lines) == 1 and lines[0].startswith("error: ") and "damaged" in lines[0]
    else:
        assert e.value.code == 0 and not lines and tables(out) == tables(finished)


def test_a_repaired_run_stays_repaired(finished, out, capfd):
    flip(out / CELL / "checkpoint.safetensors")
    run(out)
    capfd.readouterr()
    assert "phantom / c2seg / seed 0: kept" in run(out)
    assert "damaged" not in capfd.readouterr().err and tables(out) == tables(finished)


def test_files_without_checksums_are_read_as_a_test(finished, out, capfd):
    for sums in out.rglob("SHA256SUMS"):
        sums.unlink()
    fewer(out / CELL / "predictions/clean.npz")
    cut(out / CELL / "predictions/keyboard-2.npz")
    run(out)
    assert "keyboard-2.npz: damaged (not a packed prediction file" in capfd.readouterr().err
    assert tables(out) == tables(finished)


def test_a_cell_that_lost_the_description_of_its_weights_is_trained_again(finished, out):
    (out / CELL / "checkpoint.json").unlink()
    run(out)
    assert (out / CELL / "checkpoint.json").exists() and tables(out) == tables(finished)
