import json

import pytest
import typer
from typer.testing import CliRunner

from baselines.errors import InputError
from c2seg_bench.cli.models import ENCODERS, models
from c2seg_bench.text.encoder import load_encoder

app = typer.Typer()
app.command()(models)


def test_json_is_a_list_with_every_method():
    result = CliRunner().invoke(app, ["--size", "tiny", "--image-size", "64", "--json"])
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert {"c2seg", "lvit", "ukan", "unet"} <= rows.keys()
    for row in rows.values():
        assert row.keys() == {"name", "title", "year", "uses_text", "params", "published_params"}
        params = row["params"]
        assert params.keys() == {"total", "trainable", "frozen_text", "thop"}
        assert params["total"] == pytest.approx(params["trainable"] + params["frozen_text"], abs=2e-6)
        assert params["frozen_text"] == (22.713216 if row["uses_text"] else 0)


def test_table_has_a_line_per_method():
    lines = CliRunner().invoke(app, ["--size", "tiny", "--image-size", "64"]).stdout.splitlines()
    line = next(line.split() for line in lines if "U-KAN" in line)
    assert line[:4] == ["ukan", "U-KAN", "2025", "no"] and line[-1] == "9.4"


def test_minilm_is_as_large_as_said():
    encoder = load_encoder("minilm")
    assert ENCODERS["minilm"] == (encoder.dim, encoder.vocab, encoder.parameters)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--size", "huge"], "--size huge: no method has this size; there are: paper, small, tiny"),
        (["--text", "word2vec"], "--text word2vec: unknown encoder; there are: clip, minilm, bert"),
    ],
)
def test_wrong_options_are_told(args, message):
    result = CliRunner().invoke(app, args)
    assert isinstance(result.exception, InputError) and str(result.exception) == message
