"""The models command: its JSON, its table, its page, and what a training step takes."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from baselines.contract import TextSpec
from baselines.errors import InputError
from baselines.registry import get, names
from c2seg_bench.cli.models import models
from c2seg_bench.pages.footprint import training_step
from c2seg_bench.pages.params import ENCODERS, PROMPT_LENGTH
from c2seg_bench.text.encoder import load_encoder
from reports.published import load

app = typer.Typer()
app.command()(models)


def test_json_is_a_list_with_every_method():
    result = CliRunner().invoke(app, ["--size", "tiny", "--image-size", "64", "--json"])
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert {"c2seg", "lvit", "ukan", "unet"} <= rows.keys()
    for row in rows.values():
        assert row.keys() == {"name", "title", "year", "uses_text", "params", "published_params", "gflops"}
        params = row["params"]
        assert params.keys() == {"total", "trainable", "frozen_text", "thop"}
        assert params["total"] == pytest.approx(params["trainable"] + params["frozen_text"], abs=2e-6)
        assert params["frozen_text"] == (22.713216 if row["uses_text"] else 0)


def test_table_has_a_line_per_method():
    lines = CliRunner().invoke(app, ["--size", "tiny", "--image-size", "64"]).stdout.splitlines()
    line = next(line.split() for line in lines if "U-KAN" in line)
    assert line[:4] == ["ukan", "U-KAN", "2025", "no"] and line[-2] == "9.4" and float(line[-1]) > 0


def test_every_row_of_the_published_tables_is_there():
    listed = {get(name).card.published for name in names()} - {None}
    published = {row for dataset in ("qata", "mosmed", "clinicdb", "kvasir") for row in load(dataset).index}
    assert published == listed and len(listed) == 22


@pytest.mark.minutes
def test_a_training_step_is_measured(monkeypatch, tmp_path):
    monkeypatch.setattr("c2seg_bench.pages.params.names_of_size", lambda size: ["unet", "lvit"])
    page = tmp_path / "params.md"
    CliRunner().invoke(app, ["--size", "tiny", "--image-size", "32", "--step", "2", "--page", str(page)])
    text = page.read_text()
    assert f"`c2seg-bench models --step 2 --page {page}`" in text
    assert "| Method | GFLOPs | Step, GB | Step, s |\n| --- | --: | --: | --: |\n| U-Net | 0." in text
    cells = text.strip().splitlines()[-1].split(" | ")
    assert cells[0] == "| LViT" and 0.1 < float(cells[2]) < 4


@pytest.mark.minutes
def test_memory_of_a_step_excludes_that_of_the_calling_process():
    array = np.ones(2 * 10**8)  # 1.6 GB, more than a tiny step takes
    step = training_step("unet", "tiny", TextSpec(384, PROMPT_LENGTH, 30522), 32, batch=2)
    assert 0.1 < step.peak_gb < array.nbytes / 1e9


@pytest.mark.slow
@pytest.mark.minutes
@pytest.mark.parametrize("name", names())
def test_one_step_at_paper_size_takes_less_than_24_gb(name):
    dim, vocab, _ = ENCODERS["clip"]
    step = training_step(name, "paper", TextSpec(dim, PROMPT_LENGTH, vocab), 224, batch=2, threads=1)
    assert step.peak_gb < 24 and 0 < step.loss < 100


def test_minilm_is_as_large_as_said():
    encoder = load_encoder("minilm")
    assert ENCODERS["minilm"] == (encoder.dim, encoder.vocab_size, encoder.parameters)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--size", "huge"], "--size huge: no method has this size; there are: paper, small, tiny"),
        (["--text", "word2vec"], "--text word2vec: unknown encoder; there are: clip, minilm, bert"),
    ],
)
def test_a_wrong_option_names_what_there_is(args, message):
    result = CliRunner().invoke(app, args)
    assert isinstance(result.exception, InputError) and str(result.exception) == message
