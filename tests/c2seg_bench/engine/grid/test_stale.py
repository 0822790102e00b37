"""No number of one training beside words of another: edited code, interrupted runs, a cell trained again by itself."""

import datetime
import io
import json

import pandas as pd
import pytest
import torch
import yaml
from rich.console import Console

from c2seg_bench.cli.main import main
from c2seg_bench.engine.cell import steps as cell_steps
from c2seg_bench.engine.grid.run import explain_suite, run_suite
from c2seg_bench.engine.request import request as requests
from c2seg_bench.engine.training import train as training
from c2seg_bench.files import atomic, only_one, write_json
from c2seg_bench.suite import Suite

pytestmark = pytest.mark.slow
SUITE = {
    "name": "small",
    "size": "tiny",
    "device": "cpu",
    "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 6, "val": 3, "test": 4}}},
    "methods": ["unet", "lvit"],
    "train": {"epochs": 1, "batch": 6},
    "score": {"bootstrap": 100},
}
OTHER = {**SUITE, "train": {"epochs": 1, "batch": 6, "lr": 0.002}}
UNET_AS_SUITE = {"name": "unet", "train": {"epochs": 1}}  # what the suite says as well
TODAY = datetime.date.today().isoformat()


def run(out, suite=SUITE, only=None):
    """Run the suite; returns what was printed."""
    console = Console(file=io.StringIO(), width=1000)
    run_suite(Suite(**suite), out, only=only, console=console)
    return console.file.getvalue()


@pytest.fixture
def edited_unet(monkeypatch):
    """Stands for an edit of baselines/unet.py."""
    real = requests.training_code

    def edited(cell):
        modules = real(cell)
        return {**modules, "baselines.unet": "edited"} if cell.method.name == "unet" else modules

    monkeypatch.setattr(requests, "training_code", edited)


def command(capsys, *args):
    """Exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as e:
        main([str(arg) for arg in args])
    captured = capsys.readouterr()
    return e.value.code, captured.out, captured.err


def suite_file(folder, suite=SUITE):
    path = folder / "suite.yaml"
    path.write_text(yaml.safe_dump(suite))
    return path


def weights(out, method):
    path = out / f"cells/phantom/{method}/seed0/checkpoint.safetensors"
    return path.stat().st_mtime_ns


def test_what_is_kept_is_shown_with_its_date_and_not_run(out):
    before = weights(out, "unet"), weights(out, "lvit")
    printed = run(out)
    assert [line for line in printed.splitlines() if "kept," in line] == [
        f"phantom / unet / seed 0: kept, of {TODAY}",
        f"phantom / lvit / seed 0: kept, of {TODAY}",
    ]
    assert (weights(out, "unet"), weights(out, "lvit")) == before


def test_a_method_whose_code_was_edited_is_trained_again_and_no_other(out, edited_unet):
    before = weights(out, "unet"), weights(out, "lvit")
    printed = run(out)
    assert f"phantom / lvit / seed 0: kept, of {TODAY}" in printed and "unet / seed 0: kept" not in printed
    assert weights(out, "unet") > before[0] and weights(out, "lvit") == before[1]


def test_explain_names_the_step_and_the_reason_and_runs_nothing(out, tmp_path, capsys, edited_unet):
    before = weights(out, "unet")
    code, lines, _ = command(capsys, "run", suite_file(tmp_path), "--out", out, "--explain")
    assert code == 0 and lines.splitlines() == [
        "phantom / unet / seed 0: train, predict, score: baselines.unet was edited",
        f"phantom / lvit / seed 0: kept, of {TODAY}",
    ]
    assert weights(out, "unet") == before


def with_dataset(**changes):
    dataset = SUITE["datasets"]["phantom"]
    return {**SUITE, "datasets": {"phantom": {**dataset, **changes}}}


@pytest.mark.parametrize(
    "suite",
    [
        {**SUITE, "device": "auto"},
        with_dataset(frame="thirds", ontology="chest"),
        {**SUITE, "methods": [UNET_AS_SUITE, "lvit"]},
    ],
    ids=["auto", "frame", "override"],
)
def test_what_decides_nothing_leaves_all_as_it_is(out, suite):
    if suite["device"] == "auto" and torch.cuda.is_available():
        pytest.skip("auto is not cpu here")
    before = weights(out, "unet"), weights(out, "lvit")
    assert sum("kept, of" in line for line in run(out, suite).splitlines()) == 2
    assert (weights(out, "unet"), weights(out, "lvit")) == before


def test_other_test_images_are_predicted_and_nothing_is_trained(out, monkeypatch):
    monkeypatch.setattr(training, "run_epochs", lambda *_: pytest.fail("trained again"))
    suite = with_dataset(options={"train": 6, "val": 3, "test": 5})
    lines = explain_suite(Suite(**suite), out, console=Console(quiet=True))
    assert lines[0] == "phantom / unet / seed 0: predict, score: the data of test changed"
    run(out, suite)
    assert set(pd.read_parquet(out / "scores.parquet").groupby("method").size()) == {5}


def test_another_recipe_of_training_keeps_the_pretrained_weights(tmp_path):
    method = {"name": "c2seg", "pretrain": {"epochs": 1, "batch": 4}}
    for lr in (0.001, 0.002):
        run(tmp_path / "out", {**SUITE, "methods": [method], "train": {"epochs": 1, "batch": 6, "lr": lr}})
        stored = json.loads((tmp_path / "out/cells/phantom/c2seg/seed0/pretrain.json").read_text())
        if lr == 0.001:
            first = stored, (tmp_path / "out/cells/phantom/c2seg/seed0/pretrain.safetensors").stat().st_mtime_ns
    assert first == (stored, (tmp_path / "out/cells/phantom/c2seg/seed0/pretrain.safetensors").stat().st_mtime_ns)


def test_explain_names_a_changed_setting_and_what_was_never_there(out, tmp_path, capsys):
    suite = suite_file(tmp_path, {**OTHER, "methods": ["unet", "transunet"]})
    _, lines, _ = command(capsys, "run", suite, "--out", out, "--explain")
    assert lines.splitlines() == [
        "phantom / unet / seed 0: train, predict, score: train.lr was '0.001', is '0.002'",
        "phantom / transunet / seed 0: train, predict, score: nothing there",
    ]


def test_edited_metrics_score_the_same_masks_again(out, monkeypatch):
    real = requests.scoring_code
    monkeypatch.setattr(requests, "scoring_code", lambda: {**real(), "metrics.boundary": "edited"})
    monkeypatch.setattr(cell_steps, "train", lambda *_: pytest.fail("trained again"))
    scored = out / "cells/phantom/unet/seed0/scores.parquet"
    before = scored.stat().st_mtime_ns
    run(out)
    assert scored.stat().st_mtime_ns > before


def test_every_row_of_scores_carries_what_it_answers(out):
    scores = pd.read_parquet(out / "scores.parquet")
    by_cell = scores.groupby("method")["request"].unique()
    assert all(len(keys) == 1 for keys in by_cell) and by_cell["unet"] != by_cell["lvit"]


def test_a_report_after_an_interrupted_run_leaves_out_what_it_began_to_replace(out, monkeypatch, capsys):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cell_steps, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        run(out, OTHER, only="unet")
    assert json.loads((out / "suite.json").read_text())["train"]["lr"] == 0.001  # the suite of the scores
    code, _, err = command(capsys, "report", out)
    assert code == 0
    assert "phantom / unet / seed 0: trained or predicted again since it was scored; left out" in err
    assert pd.read_csv(out / "tables/methods.csv")["method"].tolist() == ["lvit"]


def test_a_report_of_another_suite_refuses_the_scores(out, capsys):
    write_json(out / "suite.json", Suite(**OTHER).model_dump(), checksum=True)
    code, _, err = command(capsys, "report", out)
    assert (
        code == 2 and "none of its scores are of its suite (phantom / unet / seed 0: done under other settings" in err
    )


def test_training_one_cell_again_does_not_leave_its_old_scores(out, tmp_path, capsys):
    code, _, _ = command(capsys, "train", suite_file(tmp_path, OTHER), "--method", "unet", "--out", out)
    assert code == 0
    _, _, err = command(capsys, "report", out)
    assert "phantom / unet / seed 0: trained or predicted again since it was scored; left out" in err
    methods = pd.read_csv(out / "tables/methods.csv")
    assert methods["method"].tolist() == ["lvit"]
    printed = run(out, OTHER, only="unet")
    assert "lvit / seed 0: done under other settings, left out" in printed
    assert pd.read_csv(out / "tables/methods.csv")["method"].tolist() == ["unet"]


def test_training_a_finished_cell_under_the_same_settings_keeps_its_scores(out, tmp_path, capsys):
    assert command(capsys, "train", suite_file(tmp_path), "--method", "unet", "--out", out)[0] == 0
    assert command(capsys, "report", out)[2] == ""
    assert pd.read_csv(out / "tables/methods.csv")["method"].tolist() == ["unet", "lvit"]


def test_scores_of_an_earlier_version_are_reported(out, capsys):
    scores = pd.read_parquet(out / "scores.parquet").drop(columns="request")
    with atomic(out / "scores.parquet", checksum=True) as temporary:
        scores.to_parquet(temporary, index=False)
    assert command(capsys, "report", out)[0] == 0
    assert pd.read_csv(out / "tables/methods.csv")["method"].tolist() == ["unet", "lvit"]


@pytest.mark.parametrize("step", ["pretrain", "train", "predict", "report"])
def test_a_folder_at_work_is_refused_by_every_step(out, tmp_path, capsys, step):
    args = [out] if step == "report" else [suite_file(tmp_path), "--method", "unet", "--out", out]
    with only_one(out):
        code, _, err = command(capsys, step, *args)
    assert code == 2 and "another run is at work in" in err.splitlines()[-1]


def test_a_failed_cell_leaves_a_report_of_the_others_that_names_it(tmp_path, monkeypatch, capsys):
    real = cell_steps.train

    def train(cell, *rest):
        if cell.method.name == "lvit":
            raise OSError(28, "No space left on device", "weights")
        return real(cell, *rest)

    monkeypatch.setattr(cell_steps, "train", train)
    out = tmp_path / "out"
    code, _, err = command(capsys, "run", suite_file(tmp_path), "--out", out)
    error = out / "cells/phantom/lvit/seed0/error.txt"
    reason = "OSError: [Errno 28] No space left on device: 'weights'"
    assert code == 1 and f"phantom / lvit / seed 0: FAILED: {reason} (traceback in {error})" in err
    assert err.splitlines()[-1].startswith("error: 1 of 2 cells failed; what is done is kept")
    assert "Traceback" not in err and "Traceback" in error.read_text()
    assert json.loads((out / "tables/run.json").read_text())["missing"] == [
        f"phantom / lvit / seed 0 (failed: {reason})"
    ]
    assert "Not complete. Missing: phantom / lvit / seed 0 (failed: OSError: " in (out / "report.md").read_text()
    monkeypatch.setattr(cell_steps, "train", real)
    assert command(capsys, "run", suite_file(tmp_path), "--out", out)[0] == 0
    assert json.loads((out / "tables/run.json").read_text())["missing"] == [] and not error.exists()
    assert "Not complete" not in (out / "report.md").read_text()


@pytest.mark.parametrize("step", ["run", "train", "report"])
def test_an_interrupted_command_has_no_traceback_and_says_how_to_go_on(out, tmp_path, monkeypatch, capsys, step):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cell_steps, "train", interrupt)
    monkeypatch.setattr("reports.build", interrupt)
    args = [out] if step == "report" else [suite_file(tmp_path, OTHER), "--out", out]
    code, _, err = command(capsys, step, *args, *(["--method", "unet"] if step == "train" else []))
    lines = [line for line in err.splitlines() if line]
    assert code == 130 and "Traceback" not in err
    if step != "report":
        assert lines[-1] == (
            f"interrupted: what is done is kept in {out}, and training continues after its last whole epoch; "
            "run the same command again"
        )


def test_a_run_of_which_every_cell_fails_has_no_report_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cell_steps, "train", lambda *_: [][0])
    code, _, err = command(capsys, "run", suite_file(tmp_path), "--out", tmp_path / "out")
    assert code == 1 and "no cell is done, so there is no report" in err.splitlines()[-1]
    assert not (tmp_path / "out/report.md").exists()
