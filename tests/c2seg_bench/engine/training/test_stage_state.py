"""An interrupted training whose state or weights are damaged repairs itself, and ends with the same weights."""

import json

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from c2seg_bench.engine.cell.steps import open_inputs
from c2seg_bench.engine.device.device import launch
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.engine.grid.repair import repair
from c2seg_bench.engine.training import resume, stage_state
from c2seg_bench.engine.training.train import train
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite, cells

pytestmark = pytest.mark.slow
SUITE = Suite(
    name="small",
    size="tiny",
    device="cpu",
    datasets={"phantom": {"source": "phantom", "size": 32, "options": {"train": 6, "val": 2, "test": 2}}},
    methods=["unet"],
    train={"epochs": 3, "batch": 3},
)


class Stopped(Exception):
    pass


def run(cell):
    train(cell, open_inputs(cell), launch(cell.suite))


def prepared(out):
    prepare_all(SUITE, RunDir(out), Console(quiet=True))
    return cells(SUITE, out)[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The weights of a training that nothing happened to."""
    cell = prepared(tmp_path_factory.mktemp("whole"))
    run(cell)
    return load_file(cell.folder / "checkpoint.safetensors")


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """A cell that was interrupted after its second epoch."""
    cell, save = prepared(tmp_path), resume.save

    def stop(stage, model, optimizer, outcome):
        save(stage, model, optimizer, outcome)
        if outcome.epochs == 2:
            raise Stopped

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(resume, "save", stop)
        run(cell)
    return cell


def first_of(tensors):
    return next(name for name, value in tensors.items() if value.is_floating_point() and value.numel() > 1)


def weight_nan(state):
    weight = state["model"][first_of(state["model"])]
    weight[weight.ndim * (0,)] = torch.nan


def weight_gone(state):
    del state["model"][first_of(state["model"])]


def weight_of_another_shape(state):
    name = first_of(state["model"])
    state["model"][name] = state["model"][name].flatten()


def moment_infinite(state):
    moment = state["optimizer"]["state"][0]["exp_avg"]
    moment[moment.ndim * (0,)] = torch.inf


def no_optimizer(state):
    del state["optimizer"]


def outcome_of_another_version(state):
    state["outcome"]["more"] = 1


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (weight_nan, "is not finite"),
        (weight_gone, "is missing"),
        (weight_of_another_shape, "has the shape"),
        (moment_infinite, "the optimiser's exp_avg of parameter 0 is not finite"),
        (no_optimizer, "no optimizer"),
        (outcome_of_another_version, "its outcome has other keys"),
    ],
)
def test_a_state_that_cannot_be_continued_from_is_set_aside(whole, stopped, capsys, damage, reason):
    file = stopped.folder / "train-state.pt"
    state = stage_state.load_state(file)
    damage(state)
    stage_state.save_state(file, **state)
    run(stopped)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{file}: damaged (") and reason in line
    assert line.endswith("set aside as train-state.pt.damaged, it is made again")
    assert_repaired(stopped, whole)


@pytest.mark.parametrize("lost", ["checkpoint.safetensors", "checkpoint.json", "both"])
def test_weights_that_are_lost_while_the_state_stays_are_trained_again(whole, stopped, capsys, lost):
    for name in ("checkpoint.safetensors", "checkpoint.json"):
        if lost in (name, "both"):
            (stopped.folder / name).unlink()
    run(stopped)
    assert "are not in checkpoint.safetensors); set aside as train-state.pt.damaged" in capsys.readouterr().err
    assert_repaired(stopped, whole)


@pytest.mark.parametrize("name", ["checkpoint.safetensors", "train-state.pt"])
def test_a_flipped_byte_is_noticed_before_training_goes_on(whole, stopped, capsys, name):
    content = bytearray((stopped.folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (stopped.folder / name).write_bytes(content)
    repair(stopped.run, [stopped])
    run(stopped)
    assert f"{name}: damaged (its checksum is not the one in SHA256SUMS)" in capsys.readouterr().err
    assert_repaired(stopped, whole)


def test_an_undamaged_state_is_continued_from_without_a_word(whole, stopped, capsys):
    run(stopped)
    assert capsys.readouterr().err == "" and not (stopped.folder / "train-state.pt.damaged").exists()
    assert_repaired(stopped, whole)


def test_a_state_left_beside_finished_weights_is_removed(whole, stopped):
    state = (stopped.folder / "train-state.pt").read_bytes()
    run(stopped)
    (stopped.folder / "train-state.pt").write_bytes(state)  # killed before it was removed
    run(stopped)
    assert_repaired(stopped, whole)


def assert_repaired(cell, whole):
    weights = load_file(cell.folder / "checkpoint.safetensors")
    assert weights.keys() == whole.keys() and all(torch.equal(weights[name], whole[name]) for name in whole)
    log = [json.loads(line) for line in (cell.folder / "log.jsonl").read_text().splitlines()]
    assert [entry["epoch"] for entry in log] == [1, 2, 3]
    assert not (cell.folder / "train-state.pt").exists()
