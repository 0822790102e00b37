"""Every wrong call or input ends with one line that says how to fix it, and exit code 2."""

import json

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.cli.main import main

SUITE = """
name: tiny
size: tiny
datasets: {phantom: {source: phantom, size: 32, options: {train: 4, val: 2, test: 2}}}
methods: [unet]
"""


def call(capsys, *args):
    with pytest.raises(SystemExit) as e:
        main([str(a) for a in args])
    out, err = capsys.readouterr()
    return e.value.code, out, err


@pytest.fixture
def folders(tmp_path):
    """Two folders of three masks each that pair, prompts for them, and a suite."""
    for name in ("preds", "targets"):
        (tmp_path / name).mkdir()
        for i in range(3):
            mask = np.zeros((20, 20), np.uint8)
            mask[2:8, 2:8] = 255
            Image.fromarray(mask).save(tmp_path / name / f"case_{i}.png")
    lines = [f"case_{i}.png,one infected area upper left lung" for i in range(3)]
    (tmp_path / "prompts.csv").write_text("image,prompt\n" + "\n".join(lines) + "\n")
    (tmp_path / "suite.yaml").write_text(SUITE)
    return tmp_path


def broken_png(f):
    (f / "preds" / "case_1.png").write_bytes(b"not a picture")


def unequal(f):
    Image.new("L", (20, 24)).save(f / "preds" / "case_1.png")


def unpaired(f):
    (f / "preds" / "case_1.png").rename(f / "preds" / "other.png")


def no_columns(f):
    (f / "prompts.csv").write_text("a,b\n1,2\n")


def two_prompts(f):
    with open(f / "prompts.csv", "a") as file:
        file.write("case_0.png,two infected areas\n")


def many_empty(f):
    (f / "many").mkdir()
    for i in range(25):
        Image.new("L", (20, 20)).save(f / "many" / f"{i}.png")
    lines = [f"{i}.png,one infected area upper left lung" for i in range(25)]
    (f / "prompts.csv").write_text("image,prompt\n" + "\n".join(lines) + "\n")


def not_a_workbook(f):
    (f / "prompts.xlsx").write_bytes(b"PK not a workbook")


def nothing(f):
    pass


def score(*more):
    return ["score", "--predictions", "preds", "--targets", "targets", "--out", "scores.csv", *more]


WORDS = ["--prompts", "prompts.csv"]


def suite(old, new):
    def write(f):
        assert old in SUITE
        (f / "suite.yaml").write_text(SUITE.replace(old, new))

    return write


RUN = ["run", "suite.yaml", "--out", "out"]

CASES = {
    "missing folder": (nothing, ["score", "--predictions", "nowhere", "--targets", "targets", "--out", "s.csv"], "--predictions nowhere: no such folder"),
    "broken picture": (broken_png, score(), "case_1.png"),
    "unequal sizes": (unequal, score(), "preds/case_1.png: 24x20, its target targets/case_1.png: 20x20"),
    "names that do not pair": (unpaired, score(), "preds: 1 of 3 without a target (other.png)"),
    "table without columns": (no_columns, score(*WORDS), "prompts.csv: no column for an image's name"),
    "two prompts": (two_prompts, score(*WORDS), "prompts.csv: rows 2 and 5 give two prompts for case_0"),
    "no workbook": (not_a_workbook, score("--prompts", "prompts.xlsx"), "prompts.xlsx: not a readable table"),
    "no table": (nothing, score("--prompts", "none.csv"), "none.csv: no such file"),
    "unknown frame": (nothing, score(*WORDS, "--frame", "nope"), "frame nope: no such frame; take clinicdb, kvasir, lung-thirds, qata, qata-lungs, thirds"),
    "unknown ontology": (nothing, score(*WORDS, "--ontology", "brain"), "ontology 'brain' is unknown; there are chest, colonoscopy"),
    "frame of another grid": (nothing, score(*WORDS, "--ontology", "colonoscopy", "--frame", "qata"), "frame qata: 3 rows by 2 columns, but ontology colonoscopy"),
    "frame without prompts": (nothing, score("--frame", "qata"), "--frame qata: is for comparing masks with prompts; give --prompts"),
    "unknown policy": (nothing, score("--empty", "zero"), "--empty zero: there are diagonal, skip, nan"),
    "no option": (nothing, ["score"], "Missing option '--predictions'"),
    "unknown command": (nothing, ["scores"], "No such command 'scores'"),
    "no suite": (nothing, ["run", "none.yaml"], "none.yaml"),
    "bad YAML": (suite("[unet]", "[unet"), RUN, "suite.yaml"),
    "unknown key": (suite("size: tiny", "sice: tiny"), RUN, "sice"),
    "unknown method": (suite("[unet]", "[unetto]"), RUN, "unetto"),
    "unknown option of a method": (suite("[unet]", "[{name: unet, options: {depth: 3}}]"), RUN, "depth"),
    "unknown dataset": (suite("source: phantom", "source: fantom"), RUN, "'fantom' is unknown; there are"),
    "unknown size": (suite("size: tiny", "size: huge"), RUN, "huge"),
    "missing root": (suite("source: phantom", "source: qata, root: nowhere"), RUN, "datasets.phantom.root: nowhere: no such folder"),
    "no root": (suite("source: phantom", "source: qata"), RUN, "root"),
    "unknown family": (suite("methods", "stress: {families: [typo]}\nmethods"), RUN, "stress.families: 'typo' is unknown; there are"),
    "picture of a wrong size": (suite("size: 32", "size: 33"), RUN, "image size 33 is not a multiple of"),
    "unknown --only": (nothing, [*RUN, "--only", "lvit"], "lvit"),
    "no weights for clip": (suite("size: tiny", "size: tiny\ntext: clip"), RUN, "the weights of openai/clip-vit-base-patch32 cannot be loaded"),
    "unknown encoder": (suite("size: tiny", "size: tiny\ntext: bert"), RUN, "bert"),
    "unknown seed": (nothing, ["train", "suite.yaml", "--method", "unet", "--seed", "9", "--out", "out"], "--seed 9: not in suite.yaml, which has 0"),
    "no pretraining": (nothing, ["pretrain", "suite.yaml", "--method", "unet", "--out", "out"], "unet has no pretraining; set"),
    "predict before train": (nothing, ["predict", "suite.yaml", "--method", "unet", "--out", "out"], "no such checkpoint; train the cell first"),
    "nothing to report": (nothing, ["report", "preds"], "preds"),
    "no prompt to parse": (nothing, ["parse"], "parse: give one prompt as TEXT, or --file"),
    "parse: no file": (nothing, ["parse", "--file", "none.txt"], "--file none.txt: cannot be read"),
    "parse: unknown ontology": (nothing, ["parse", "--ontology", "brain", "x"], "ontology 'brain' is unknown"),
    "perturb: no family": (nothing, ["perturb", "--json", "x"], "--family: none given; c2seg-bench perturb --list prints them"),
    "perturb: unknown family": (nothing, ["perturb", "--family", "typo", "x"], "typo"),
    "perturb: severity": (nothing, ["perturb", "--family", "swap", "--severity", "9", "x"], "severity 9"),
    "datasets check: a folder alone": (nothing, ["datasets", "check", "targets"], "NAME targets: a folder; give its source as NAME, for your own data: folder --root targets"),
    "datasets prepare: a folder alone": (nothing, ["datasets", "prepare", "targets", "--out", "o"], "NAME targets: a folder; give its source as NAME"),
    "calibrate: too few": (nothing, ["calibrate", "--masks", "targets", "--prompts", "prompts.csv", "--out", "f.json"], "3 prompts state a place that can be read; calibrating takes 25 or more"),
    "calibrate: two prompts": (two_prompts, ["calibrate", "--masks", "targets", "--prompts", "prompts.csv", "--out", "f.json"], "prompts.csv: rows 2 and 5 give two prompts for case_0"),
    "calibrate: empty masks": (many_empty, ["calibrate", "--masks", "many", "--prompts", "prompts.csv", "--out", "f.json"], "no mask has a lesion"),
    "calibrate: out of another kind": (nothing, ["calibrate", "--masks", "targets", "--prompts", "prompts.csv", "--out", "f.csv"], "--out f.csv: a JSON file is written"),
    "score: out is the prompts": (nothing, [*score(*WORDS)[:-4], "--out", "prompts.csv", *WORDS], "--out prompts.csv: is also read, and would be overwritten"),
    "score: out among the masks": (nothing, [*score()[:-1], "preds/scores.csv"], "--out preds/scores.csv: is in a folder whose files are read"),
    "score: out of another kind": (nothing, [*score()[:-1], "scores.xlsx"], "--out scores.xlsx: a CSV is written"),
    "score: out is a device": (nothing, [*score()[:-1], "/dev/null"], "--out /dev/null: is not a regular file"),
    "score: out is here": (nothing, [*score()[:-1], "."], "--out .: is a folder"),
    "perturb: page": (nothing, ["perturb", "--page", "/dev/null", "x"], "--page /dev/null: is not a regular file"),
    "models: page": (nothing, ["models", "--size", "tiny", "--page", "p.png"], "--page p.png: a Markdown page is written"),
    "models: cards": (nothing, ["models", "--cards", "."], "--cards .: is a folder"),
    "validate-metric: out": (nothing, ["validate-metric", "--out", "preds"], "--out preds: is a folder"),
    "datasets show: out": (nothing, ["datasets", "show", "phantom", "--out", "s.jpg"], "--out s.jpg: a PNG is written"),
    "models: nothing to take": (nothing, ["models", "unetto"], "unetto"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_one_line_and_exit_code_2(case, folders, capsys, monkeypatch):
    monkeypatch.chdir(folders)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # no waiting for a network
    damage, args, message = CASES[case]
    damage(folders)
    code, out, err = call(capsys, *args)
    last = err.strip().splitlines()[-1] if err.strip() else ""
    assert code == 2 and out == ""
    assert last.startswith("error: ") and message in last
    assert "Traceback" not in err


def test_scores_and_summary_of_a_good_call(folders, capsys, monkeypatch):
    monkeypatch.chdir(folders)
    code, out, _ = call(capsys, *score(*WORDS), "--json")
    assert code == 0
    summary = json.loads(out)
    assert summary["n"] == 3 and summary["dice"] == 1
    header = (folders / "scores.csv").read_text().splitlines()[0]
    assert header.startswith(
        "image,dice,iou,hd95,assd,pred_empty,target_empty,count_ok,laterality_ok,position_ok,consistent,"
        "count_score,laterality_score,position_score"
    )


@pytest.mark.parametrize("args", [[], ["datasets"]])
def test_without_a_command_the_help_is_printed(args, capsys):
    code, out, err = call(capsys, *args)
    assert code == 2 and out == "" and err.startswith("Usage: ") and "\n  -h, --help" in err


def test_calibrate_says_how_many_masks_have_no_prompt(folders, capsys, monkeypatch):
    monkeypatch.chdir(folders)
    many_empty(folders)
    for i in range(27):
        mask = np.zeros((100, 100), np.uint8)
        top, left = (10 + i % 5, 75 + i % 5)[i % 2], (10, 70)[i // 2 % 2]
        mask[top : top + 8, left : left + 8] = 255
        Image.fromarray(mask).save(folders / "many" / f"{i}.png")
    words = [f"one infected area {('upper', 'lower')[i % 2]} {('left', 'right')[i // 2 % 2]} lung" for i in range(25)]
    lines = [f"{i}.png,{text}" for i, text in enumerate(words)]
    (folders / "prompts.csv").write_text("image,prompt\n" + "\n".join(lines) + "\n")
    code, out, _ = call(capsys, "calibrate", "--masks", "many", "--prompts", "prompts.csv", "--out", "f.json")
    assert code == 0 and "25 masks (2 more have no prompt), image convention" in out
    assert "held-out masks (5 parts), all axes: strict " in out and " of 25 (95 % interval " in out
    stored = json.loads((folders / "f.json").read_text())["about"]["held_out"]
    assert stored["n"] == 25 and stored["strict"] >= stored["strict_thirds"]


def test_calibrate_refuses_masks_that_give_a_worse_frame_than_thirds(folders, capsys, monkeypatch):
    from c2seg_bench.cli import calibrate
    from metrics.consistency.calibration.trust import HeldOut

    monkeypatch.chdir(folders)
    worse = HeldOut(36, 5, 0.25, 0.5, 0.1, 0.3, (0.14, 0.41))
    with pytest.raises(ValueError, match="36 masks are too few to calibrate on: 25% of held-out masks agree with") as e:
        calibrate.refuse_if_worse(worse, folders)
    assert str(e.value).endswith("under the frame thirds 50%; take --frame thirds, or more masks")
