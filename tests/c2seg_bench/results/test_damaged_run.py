"""A report of files that no run wrote ends in one line that names the file and what is wrong with it."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.data.masks.packed import PackedMasks, load_masks, save_masks
from c2seg_bench.errors import InputError
from c2seg_bench.results.methods import methods
from c2seg_bench.results.panel import write_panel
from c2seg_bench.results.referring import check_conditions
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import CLEAN, Condition, RunDir
from tests.c2seg_bench.results.big_run import make_run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("made") / "run", methods=2, datasets=1, seeds=1, images=4)


@pytest.fixture
def out(made, tmp_path):
    return shutil.copytree(made, tmp_path / "run")


def change_scores(out, change):
    path = RunDir(out).scores
    change(pd.read_parquet(path)).to_parquet(path, index=False)


def change_json(path, change):
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def without(*names):
    return lambda value: {name: part for name, part in value.items() if name not in names}


FIRST = "chest_test_00000"
SCORES = {
    "it has no column seed": lambda t: t.drop(columns="seed"),
    "it has no column dice": lambda t: t.drop(columns="dice"),
    "it has no column before_ok": lambda t: t.drop(columns="before_ok"),
    "it has no column count_ok": lambda t: t.drop(columns="count_ok"),
    "it has no column whole_dice": lambda t: t.assign(
        condition=t["condition"].where(t["condition"] != "deny-1", "part-1")
    ),
    "its column dice is not of type number": lambda t: t.assign(dice="x"),
    "its column method is not of type text": lambda t: t.assign(method=1),
    "its column seed is not of type integer": lambda t: t.assign(seed=0.5),
    "rows without condition": lambda t: t.assign(condition=t["condition"].where(t["image"] != FIRST, None)),
    "'foo' is no condition; write clean, or FAMILY-SEVERITY such as keyboard-3": lambda t: t.assign(
        condition=t["condition"].where(t["condition"] != "deny-1", "foo")
    ),
    "d0 / arseg / seed 0 has no rows under clean prompts": lambda t: t[
        (t["condition"] != "clean") | (t["method"] != "arseg")
    ],
    f"d0: no rows of {FIRST}, an image of the test split": lambda t: t[t["image"] != FIRST],
    "d0: rows of zzz, which is no image of the test split": lambda t: t.assign(
        image=t["image"].where(t["image"] != FIRST, "zzz")
    ),
}


@pytest.mark.parametrize("problem", SCORES)
def test_scores(out, problem):
    change_scores(out, SCORES[problem])
    with pytest.raises(InputError) as error:
        Run.open(out)
    assert str(error.value).startswith(f"{RunDir(out).scores}: damaged ({problem}); run the suite again")


def test_scores_of_edited_prompts_that_the_run_no_longer_has(out):
    scored = pd.DataFrame({"dataset": "d0", "condition": ["part-1", "part-2"]})
    run = SimpleNamespace(files=RunDir(out), referring=scored)
    frozen = SimpleNamespace(by_condition={Condition("part", 1): []})
    with pytest.raises(
        InputError, match="referring/d0.json: has no prompts part-2, of which there are scores; run the"
    ):
        check_conditions(run, "d0", frozen)
    check_conditions(run, "d1", frozen)


def test_scores_without_rows(out):
    change_scores(out, lambda t: t.iloc[:0])
    with pytest.raises(InputError, match="none of its scores are of its suite .there are none; run the suite again"):
        Run.open(out)


def test_scores_without_what_the_suite_added(out):
    change_json(RunDir(out).suite, lambda s: {**s, "score": {**s["score"], "metrics": ["dice", "nsd"]}})
    with pytest.raises(InputError, match="it has no column nsd"):
        Run.open(out)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without("scoring"), r"scoring: field required"),
        (lambda _: [], "not a JSON object but list"),
        (lambda record: {**record, "settings": None}, "settings: input should be a valid dictionary"),
    ],
)
def test_record_of_scores(out, change, problem):
    change_json(RunDir(out).cell("d0", "arseg", 0).record, change)
    with pytest.raises(InputError, match=rf"arseg/seed0/cell.json: damaged.*{problem}"):
        Run.overview(out)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without("params"), "params: field required"),
        (lambda record: {**record, "params": {"trainable": 1.0}}, "params.thop: field required"),
        (lambda record: {**record, "description": {"title": 3}}, "description.title: input should be a valid string"),
        (lambda record: {**record, "machine": None}, "machine: input should be a valid string"),
    ],
)
def test_record_of_a_training(out, change, problem):
    path = RunDir(out).cell("d0", "arseg", 0).checkpoint.with_suffix(".json")
    change_json(path, change)
    with pytest.raises(InputError) as error:
        methods(Run.overview(out))
    assert str(error.value) == (
        f"{path}: damaged, or of an earlier version ({problem}); delete its folder and run the suite again"
    )


def test_no_record_of_a_training(out):
    path = RunDir(out).cell("d0", "arseg", 0).checkpoint.with_suffix(".json")
    path.unlink()
    with pytest.raises(InputError, match="checkpoint.json: no such file; delete its folder and run the suite again"):
        methods(Run.overview(out))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda names, masks: ([f"{name}x" for name in names], masks), f"no mask of {FIRST}"),
        (lambda names, masks: (names, masks[:, :5]), r"its masks are (5, 32) instead of (32, 32)"),
    ],
)
def test_masks_of_the_figure(out, change, problem):
    path = RunDir(out).cell("d0", "arseg", 0).predictions(CLEAN)
    names, masks = change(*load_masks(path))
    save_masks(path, names, PackedMasks.pack(np.asarray(masks)))
    run = Run.overview(out)
    with pytest.raises(InputError) as error:
        write_panel(run.files.panel, run)
    assert str(error.value).startswith(f"{path}: damaged ({problem})")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without("frame"), "manifest.json has no frame"),
        (lambda manifest: {**manifest, "ontology": 3}, "manifest.json: ontology is no text"),
    ],
)
def test_manifest_of_the_data(out, change, problem):
    folder = RunDir(out).data("d0")
    (folder / "SHA256SUMS").unlink()
    change_json(folder / "manifest.json", change)
    with pytest.raises(InputError, match=rf"{folder}: cannot be read \({problem}\); prepare it again"):
        Run.open(out)
