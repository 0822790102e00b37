"""c2seg-bench referring write and score from end to end: requests, answers as files, and their scores."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.referring.frozen import read_frozen
from c2seg_bench.rundir import RunDir

WRITE = ["referring", "write", "phantom", "--size", "48", "--per-image", "1", "--images", "20"]
pytestmark = pytest.mark.slow
OPTIONS = [argument for split in ("train=20", "val=2", "test=24") for argument in ("--option", split)]


def call(arguments: list, capsys) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return exit_.value.code, captured.out, captured.err


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("asked") / "asked"
    with pytest.raises(SystemExit) as exit_:
        main([*WRITE, *OPTIONS, "--out", str(folder)])
    assert exit_.value.code == 0
    return folder


def requests(asked: Path) -> list[dict[str, str]]:
    with open(asked / "pack/requests.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answer_right(asked: Path, answers: Path, left_out: int = 0) -> None:
    """The correct mask to every request, from the frozen examples; `left_out` requests stay without."""
    answers.mkdir()
    run = RunDir(asked / "run")
    cache = Cache.open(run.data("phantom"))
    names, prompts = list(cache.index["name"]), list(cache.index["prompt"])
    right = {(name, "clean", prompt): mask for name, prompt, mask in zip(names, prompts, cache.masks, strict=True)}
    for condition, examples in read_frozen(run.referring("phantom"), cache).by_condition.items():
        for e in examples:
            right[names[e.row], str(condition), e.prompt] = e.target(cache.masks[e.row])
    for row in requests(asked)[left_out:]:
        name = next(name for name in names if Path(row["image"]).name.startswith(name))
        mask = right[name, row["condition"].split()[0], row["prompt"]]
        cv2.imwrite(str(answers / f"{row['id']}.png"), 255 * mask.astype(np.uint8))


def test_written_are_true_and_edited_prompts_and_flipped_pictures(asked):
    rows = requests(asked)
    conditions = {condition for row in rows for condition in row["condition"].split()}
    assert conditions == {"clean", "part-1", "nowhere-1", "mirrored-1", "conflict-1"}
    flipped = [row for row in rows if row["image"].endswith("-flipped.png")]
    assert {row["condition"].split("-")[0] for row in flipped} == {"mirrored", "conflict"}
    one = flipped[0]["image"]
    as_it_is = cv2.imread(str(asked / "pack" / one.replace("-flipped", "")))
    assert (cv2.imread(str(asked / "pack" / one)) == as_it_is[:, ::-1]).all()
    assert len({row["id"] for row in rows}) == len(rows)
    assert "c2seg-bench evaluate" in (asked / "pack/README.md").read_text()


def test_right_answers_score_one_beside_the_references(asked, tmp_path, capsys):
    answer_right(asked, tmp_path / "answers")
    score = ["referring", "score", asked, "--predictions", tmp_path / "answers", "--name", "Oracle"]
    code, out, _ = call([*score, "--json"], capsys)
    found = json.loads(out)
    values = {(r["kind"], r["method"], r["measure"]): r["value"] for r in found["referring"]}
    assert code == 0
    assert values["part", found["method"], "selectivity"] == 1
    assert values["part", "ground truth", "selectivity"] == 0
    assert values["nowhere", found["method"], "no_target"] == values["nowhere", found["method"], "target"] == 100
    assert values["conflict", "empty", "no_target"] == 100 and values["conflict", "empty", "target"] == 0
    assert sum(r["images"] for r in found["coverage"] if r["kind"] == "part") == 20
    assert "a named part" in Path(found["report"]).read_text()
    code, out, _ = call(score, capsys)  # nothing is read again; the same as a table
    assert code == 0 and "Selectivity" in out and "1.00" in out


@pytest.mark.parametrize("partial", [False, True])
def test_missing_answers_are_named_or_count_as_empty(asked, tmp_path, capsys, partial):
    answer_right(asked, tmp_path / "answers", left_out=3)
    score = ["referring", "score", asked, "--predictions", tmp_path / "answers", "--name", f"Some {partial}"]
    code, _, err = call([*score, *(["--partial"] if partial else [])], capsys)
    if partial:
        assert code == 0
        return
    first = requests(asked)[0]["id"]
    assert code == 2
    assert f"3 of {len(requests(asked))} answers for phantom are missing ({first}: image" in err
    assert "(--partial)" in err and err.count("\n") <= 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kinds", "parts"], "referring.kinds.0: Input should be 'part', 'nowhere', 'mirrored' or 'conflict'"),
        (["--option", "train"], "--option train: give KEY=VALUE"),
        (["--frame", "nowhere"], "datasets.phantom: frame nowhere: no such frame; take"),
        (["--frame", "kvasir"], "datasets.phantom: frame kvasir: 3 rows by 3 columns, but ontology chest has 3 by 2"),
    ],
)
def test_wrong_settings_are_one_line(tmp_path, capsys, arguments, message):
    code, _, err = call([*WRITE, *OPTIONS, *arguments, "--out", tmp_path / "out"], capsys)
    assert code == 2
    assert f"error: {message}" in err.splitlines()[-1]


def test_a_folder_of_something_else_is_left_alone(asked, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = call([*WRITE, "--out", tmp_path], capsys)
    assert (code, (tmp_path / "mine.txt").read_text()) == (2, "mine")
    assert "is there already; give a new folder" in err
    code, _, err = call([*WRITE, *OPTIONS, "--out", asked], capsys)
    assert code == 2 and "its pack is whole; answer it, or give a new folder" in err
    code, _, err = call(["referring", "score", tmp_path, "--predictions", tmp_path], capsys)
    assert code == 2 and "give a folder that c2seg-bench referring write wrote" in err


@pytest.mark.parametrize("command", ["write", "score"])
def test_help_has_a_worked_example(capsys, command):
    code, out, _ = call(["referring", command, "--help"], capsys)
    assert code == 0
    assert f"Example: c2seg-bench referring {command} " in out
