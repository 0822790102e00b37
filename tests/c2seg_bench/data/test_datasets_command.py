"""c2seg-bench datasets: what a script and a person get."""

import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from c2seg_bench.cli.datasets import app
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.qata_folder import lvit

FEW = ["--train", "3", "--val", "1", "--test", "2", "--size", "32"]


def call(*args, code=0):
    result = CliRunner().invoke(app, [str(a) for a in args])
    if isinstance(result.exception, InputError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout


def test_list_says_of_every_dataset_how_to_get_it():
    rows = {row["name"]: row for row in json.loads(call("list", "--json"))}
    there = {"phantom", "phantom-ct", "phantom-colonoscopy", "qata", "mosmed", "kvasir", "clinicdb", "folder"}
    assert there <= set(rows)  # yours may be beside them
    assert rows["qata"]["published"] == "qata" and rows["phantom"]["options"] == ["train", "val", "test"]
    assert {"train", "images", "prompts", "subject", "mask_rule"} <= set(rows["qata"]["options"])
    listing = call("list")
    assert all(row["command"] in listing and row["licence"] in listing for row in rows.values())
    assert "--root" in rows["qata"]["command"] and "--root" not in rows["phantom"]["command"]


def test_prepare_leaves_a_cache_and_says_what_is_in_it(tmp_path):
    assert "train 3, val 1, test 2; 32x32" in call("prepare", "phantom-ct", "--out", tmp_path / "c", *FEW)
    cache = Cache.open(tmp_path / "c")
    assert cache.images.shape == (6, 32, 32, 3)
    assert json.loads(call("prepare", "phantom-ct", "--out", tmp_path / "c", *FEW, "--json")) == cache.manifest


def test_check_exits_1_with_a_list_where_something_is_wrong(tmp_path):
    root = lvit(tmp_path)
    assert "nothing wrong" in call("check", "qata", "--root", root)
    (root / "Test_Folder" / "labelcol" / "mask_covid_10.png").unlink()
    assert "PROBLEM" in call("check", "qata", "--root", root, code=1)
    problems = json.loads(call("check", "qata", "--root", root, "--json", code=1))["problems"]
    assert "mask_covid_10.png has no mask" in problems[0]


def test_show_draws_a_source_and_a_prepared_folder(tmp_path):
    call("prepare", "phantom", "--out", tmp_path / "c", *FEW)
    for name, more in (("phantom", ["--size", "32"]), (tmp_path / "c", []), ("qata", ["--root", lvit(tmp_path / "q")])):
        out = tmp_path / "sheet.png"
        assert call("show", name, "-n", "2", "--out", out, *more).strip() == str(out)
        with Image.open(out) as sheet:
            green = sum(
                n for n, (r, g, b) in sheet.convert("RGB").getcolors(1 << 24) if g > 230 and r < 120 and b < 120
            )
        assert sheet.size[0] > 200 and green > 20  # the outlines
        out.unlink()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["show", "phantom", "--split", "tset", "--out", "x.png"], "--split tset: no such split"),
        (["show", "phantom", "--out", "x.jpg"], "a PNG is written"),
        (["show", "phantam", "--out", "x.png"], "unknown dataset source: 'phantam'; did you mean 'phantom"),
        (["check", "qata"], "qata: root: a folder is needed"),
        (["prepare", "qata", "--root", "/no/such", "--out", "x"], "/no/such: no such folder"),
    ],
)
def test_a_wrong_call_is_an_input_error(args, words):
    with pytest.raises(InputError) as e:
        call(*args)
    assert words in str(e.value)


def test_show_takes_the_options_of_the_source(tmp_path):
    root = lvit(tmp_path / "in")
    call("show", "qata", "--root", root, "--option", "mask_rule=lvit", "-n", "1", "--out", tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()
    with pytest.raises(InputError, match="qata: options: unknown option: 'colour'; there are: "):
        call("show", "qata", "--root", root, "--option", "colour=red", "--out", tmp_path / "b.png")
