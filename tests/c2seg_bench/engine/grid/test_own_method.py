"""A method in a file beside its suite: run from anywhere, and run again when the file or one beside it is edited."""

import shutil

import pandas as pd
import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.engine.request.code import training_code
from c2seg_bench.results.write import write_tables
from c2seg_bench.suite import cells, load_suite
from tests.c2seg_bench.own_method import copied_to, forget

SUITE = """
name: own
size: tiny
datasets: {phantom: {source: phantom, size: 32, options: {train: 4, val: 2, test: 2}}}
methods: [{module: own_unet.py}]
train: {epochs: 1, batch: 2}
score: {bootstrap: 100}
"""


@pytest.fixture
def folder(tmp_path):
    """A suite with the method beside it."""
    with copied_to(tmp_path / "own") as own:
        (own / "suite.yaml").write_text(SUITE)
        yield own


def code_of(folder):
    cell = cells(load_suite(folder / "suite.yaml"), folder / "out")[0]
    return training_code(cell)


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_digest_of_code_follows_the_file_and_what_it_imports_beside_it(folder):
    before = code_of(folder)
    assert {"own_unet.py", "own_blocks", "baselines.contract", "c2seg_bench.engine.training.train"} <= set(before)
    edit(folder / "own_unet.py", '"""An ordinary U-Net."""', '"""Another docstring."""')
    assert code_of(folder) == before
    edit(folder / "own_unet.py", "range(5)", "range(4)")
    after = code_of(folder)
    assert {name for name in before if before[name] != after[name]} == {"own_unet.py"}
    edit(folder / "own_blocks.py", "nn.ReLU()", "nn.GELU()")
    assert {name for name in after if after[name] != code_of(folder)[name]} == {"own_blocks"}


def test_a_moved_folder_is_the_same_code(folder):
    before = code_of(folder)
    forget()
    moved = folder.rename(folder.with_name("moved"))
    assert code_of(moved) == before


@pytest.mark.slow
def test_a_run_from_another_folder_trains_it_and_keeps_it(folder, monkeypatch, capsys):
    monkeypatch.chdir("/")
    for stop in ([], ["--explain"]):
        with pytest.raises(SystemExit) as end:
            main(["run", str(folder / "suite.yaml"), "--out", str(folder / "out"), *stop])
        assert end.value.code == 0
    out = capsys.readouterr().out
    assert "phantom / own-unet / seed 0: kept, of " in out
    assert "Own U-Net" in (folder / "out/report.md").read_text()
    forget()
    out = shutil.copytree(folder / "out", folder.with_name("moved"))
    shutil.rmtree(folder)  # a report needs the method's file no more
    assert write_tables(out) == []
    table = pd.read_csv(out / "tables/methods.csv")
    assert table[["method", "title"]].to_numpy().tolist() == [["own-unet", "Own U-Net"]]


@pytest.mark.slow
def test_a_method_of_two_channels_is_refused_before_training(folder, capsys):
    edit(folder / "own_unet.py", "nn.Conv2d(w[0], 1, 1)", "nn.Conv2d(w[0], 2, 1)")
    with pytest.raises(SystemExit) as end:
        main(["run", str(folder / "suite.yaml"), "--out", str(folder / "out")])
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert end.value.code == 2
    assert last.startswith(
        "error: own-unet: logits (2, 2, 32, 32) for targets (2, 1, 32, 32): 2 channels instead of one"
    )
    assert not list((folder / "out").rglob("own-unet/**/*.safetensors"))
