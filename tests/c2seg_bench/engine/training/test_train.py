"""Training one cell: interrupted and resumed, best weights kept, early stopping, damaged and foreign checkpoints."""

import copy
import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from baselines.contract import TextBatch
from baselines.registry import build
from c2seg_bench.cli.main import main
from c2seg_bench.engine.cell.steps import open_inputs
from c2seg_bench.engine.device.device import launch
from c2seg_bench.engine.display import progress
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.training import resume, stage_state
from c2seg_bench.engine.training.train import train
from c2seg_bench.errors import InputError
from c2seg_bench.model.c2seg import C2Seg
from c2seg_bench.rundir import RunDir
from c2seg_bench.speed.throughput import TEXT
from c2seg_bench.suite import MethodEntry, cells, load_suite

SUITE = """
name: small
size: tiny
device: cpu
datasets: {{phantom: {{source: phantom, size: 32, options: {{train: {images}, val: 4, test: 4}}}}}}
methods: [{{name: c2seg, pretrain: {{epochs: 1, batch: 5}}}}]
train: {train}
"""
SPLITS = {"train": 10}
TRAIN = "{epochs: 3, batch: 4, lr: 0.002, augment: photometric}"

pytestmark = pytest.mark.slow


class Stopped(Exception):
    pass


def cell_of(folder: Path, settings: str = TRAIN):
    from rich.console import Console

    folder.mkdir(exist_ok=True)
    (folder / "suite.yaml").write_text(SUITE.format(images=SPLITS["train"], train=settings))
    suite = load_suite(folder / "suite.yaml")
    prepare_all(suite, RunDir(folder / "out"), Console(quiet=True))
    return cells(suite, folder / "out")[0]


def run(cell):
    return train(cell, open_inputs(cell), launch(cell.suite))


def snapshots(monkeypatch, into):
    """Copy the state after each epoch of each stage to `into`: weights, the optimiser's state, history."""
    save = resume.save

    def record(stage, model, optimizer, outcome):
        save(stage, model, optimizer, outcome)
        state = copy.deepcopy((model.state_dict(), optimizer.state_dict(), outcome.history))
        into[stage.name, outcome.epochs] = state

    monkeypatch.setattr(resume, "save", record)


@pytest.fixture(scope="module")
def epochs():
    """(stage, epoch) -> the state of `whole` after it."""
    return {}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, epochs):
    cell = cell_of(tmp_path_factory.mktemp("whole"))
    with pytest.MonkeyPatch.context() as patch:
        snapshots(patch, epochs)
        run(cell)
    return cell


@pytest.mark.parametrize("stage, epoch", [("pretrain", 1), ("train", 1), ("train", 2)])
def test_interrupted_and_resumed_is_bit_for_bit_the_same(whole, epochs, tmp_path, monkeypatch, stage, epoch):
    cell, save, resumed = cell_of(tmp_path / "part"), resume.save, {}

    def stop(running, model, optimizer, outcome):
        save(running, model, optimizer, outcome)
        if (running.name, outcome.epochs) == (stage, epoch):
            raise Stopped

    monkeypatch.setattr(resume, "save", stop)
    with pytest.raises(Stopped):
        run(cell)
    monkeypatch.setattr(resume, "save", save)
    snapshots(monkeypatch, resumed)
    run(cell)
    # the last epoch, not the best one: that may lie before the interruption
    torch.testing.assert_close(resumed["train", 3], epochs["train", 3], rtol=0, atol=0)
    one, other = (load_file(c.folder / "checkpoint.safetensors") for c in (whole, cell))
    assert one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)
    assert not list(cell.folder.glob("*.pt"))


def test_a_cut_state_starts_the_stage_anew_and_says_so(whole, tmp_path, monkeypatch, capsys):
    cell, save = cell_of(tmp_path / "cut"), resume.save

    def stop(stage, model, optimizer, outcome):
        save(stage, model, optimizer, outcome)
        if stage.name == "train":
            stage.state_file.write_bytes(stage.state_file.read_bytes()[:-5000])
            raise Stopped

    monkeypatch.setattr(resume, "save", stop)
    with pytest.raises(Stopped):
        run(cell)
    monkeypatch.setattr(resume, "save", save)
    run(cell)
    one, other = (load_file(c.folder / "checkpoint.safetensors") for c in (whole, cell))
    assert all(torch.equal(one[k], other[k]) for k in one)
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"{cell.folder / 'train-state.pt'}: damaged (its checksum is not the one in SHA256SUMS); "
        "set aside as train-state.pt.damaged, it is made again"
    )


@pytest.mark.parametrize("left", [b"", b"PK\x03\x04", b"nothing of torch's"])
def test_no_state_is_read_from_other_files(tmp_path, left):
    (tmp_path / "train-state.pt").write_bytes(left)
    assert stage_state.load_state(tmp_path / "train-state.pt") is None


def test_the_best_epoch_is_saved_and_reported(whole):
    about = json.loads((whole.folder / "checkpoint.json").read_text())
    figures = [h["figure"] for h in about["history"]]
    assert len(figures) == about["epochs"] == 3
    assert about["val_dice"] == max(figures) and about["epoch"] == 1 + figures.index(max(figures))
    log = [json.loads(line) for line in (whole.folder / "log.jsonl").read_text().splitlines()]
    assert [(e["stage"], e["epoch"]) for e in log] == [("pretrain", 1), ("train", 1), ("train", 2), ("train", 3)]


def test_patience_ends_training(tmp_path):
    cell = cell_of(tmp_path / "patient", "{epochs: 30, batch: 4, lr: 1.0e-9, min_lr: 0, patience: 2}")
    run(cell)
    about = json.loads((cell.folder / "checkpoint.json").read_text())
    assert about["epochs"] - about["epoch"] <= 3 and about["epochs"] < 30


def test_damaged_weights_are_reported_in_one_line(whole, tmp_path):
    path = tmp_path / "checkpoint"
    path.with_suffix(".safetensors").write_bytes(b"nothing")
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(
        InputError, match=r"checkpoint.safetensors: damaged \(.*\); run the suite again, which sets the file aside"
    ):
        checkpoint.load(path, torch.nn.Linear(1, 1))


def test_predicting_with_weights_of_an_unfinished_training_is_refused(whole, tmp_path, capsys):
    shutil.copytree(whole.out, tmp_path / "out")
    path = tmp_path / "out" / whole.folder.relative_to(whole.out) / "checkpoint"
    checkpoint.describe(path, {**checkpoint.metadata(path), "finished": False})
    with pytest.raises(SystemExit) as e:
        main(["predict", str(whole.out.parent / "suite.yaml"), "--method", "c2seg", "--out", str(tmp_path / "out")])
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert e.value.code == 2 and "checkpoint.json: training has not ended; train the cell to its end" in last


def test_predicting_with_weights_of_other_settings_is_refused(whole, tmp_path, capsys):
    suite = whole.out.parent / "other.yaml"
    suite.write_text(SUITE.format(images=SPLITS["train"], train=TRAIN.replace("0.002", "0.005")))
    with pytest.raises(SystemExit) as e:
        main(["predict", str(suite), "--method", "c2seg", "--out", str(whole.out)])
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert e.value.code == 2
    assert (
        "checkpoint.json: trained with other settings, data or text than the suite requests; train the cell again"
        in last
    )


def test_a_batch_too_large_for_the_memory_ends_with_the_one_that_fits(tmp_path, monkeypatch):
    loss = C2Seg.loss

    def small_memory(self, image, text, target):
        if len(image) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return loss(self, image, text, target)

    monkeypatch.setattr(C2Seg, "loss", small_memory)
    with pytest.raises(InputError) as error:
        run(cell_of(tmp_path / "large", "{epochs: 1, batch: 4}"))
    assert str(error.value) == (
        "phantom / c2seg / seed 0: out of GPU memory with 4 images at a time; "
        "set train.micro_batch: 2, which fits, or lower train.batch to 2"
    )
    cell = cell_of(tmp_path / "small", "{epochs: 1, batch: 4, micro_batch: 2}")
    run(cell)
    assert json.loads((cell.folder / "checkpoint.json").read_text())["epochs"] == 1


@pytest.mark.parametrize("splits", [{"val": 4}, {"val": 1}], ids=["in validation", "in prediction"])
def test_a_prediction_too_large_for_the_memory_ends_with_the_batch_that_fits(tmp_path, monkeypatch, capsys, splits):
    encode = C2Seg.encode_image

    def small_memory(self, image):
        if not self.training and len(image) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return encode(self, image)

    monkeypatch.setattr(C2Seg, "encode_image", small_memory)
    cell_of(tmp_path, "{epochs: 1, batch: 4}")
    suite = tmp_path / "suite.yaml"
    suite.write_text(suite.read_text().replace("val: 4", f"val: {splits['val']}"))

    def ending():
        with pytest.raises(SystemExit) as ended:
            main(["run", str(suite), "--out", str(tmp_path / "out")])
        return ended.value.code, capsys.readouterr().err.splitlines()[-1]

    assert ending() == (
        2,
        "error: phantom / c2seg / seed 0: out of GPU memory while predicting 4 images at a time; "
        "set predict_batch: 2, which fits",
    )
    trained = (tmp_path / "out/cells/phantom/c2seg/seed0/checkpoint.json").exists()
    assert trained == (splits["val"] == 1)
    suite.write_text(suite.read_text() + "predict_batch: 2\n")
    assert ending()[0] == 0


@pytest.mark.parametrize(("images", "batch"), [(1, 4), (6, 1)])
def test_one_image_at_a_time_is_refused_where_the_network_needs_two(tmp_path, monkeypatch, images, batch):
    monkeypatch.setitem(SPLITS, "train", images)
    with pytest.raises(InputError, match="phantom / c2seg / seed 0: its network cannot be trained on one image at a"):
        run(cell_of(tmp_path / "one", f"{{epochs: 1, batch: {batch}}}"))


def test_a_loss_that_is_not_finite_ends_training_within_a_tenth_of_the_epoch(tmp_path, monkeypatch):
    calls = []

    def broken(self, image, text, target):
        calls.append(len(image))
        return self(image, text).mean() * (float("nan") if len(calls) >= 3 else 1.0)

    monkeypatch.setattr(C2Seg, "loss", broken)
    monkeypatch.setattr(progress, "INTERVAL", 3600.0)
    monkeypatch.setitem(SPLITS, "train", 44)
    with pytest.raises(RuntimeError, match="the loss became nan in epoch 1; lower lr or set clip"):
        run(cell_of(tmp_path / "broken", "{epochs: 1, batch: 2}"))  # 22 steps: looked at after every second
    assert len(calls) == 4


def test_speed_and_memory_are_stored_beside_the_checkpoint(whole):
    stored = json.loads((whole.folder / "checkpoint.json").read_text())
    assert stored["images_per_second"] > 0 and 0.1 < stored["peak_memory_gib"] < 100


def test_pretraining_in_micro_batches_has_the_loss_and_gradients_of_the_whole_batch():
    torch.manual_seed(0)
    model = build("c2seg", "tiny", TEXT, 64).eval()  # batch norm of the running mean, so that parts do not matter
    image, pooled = torch.rand(6, 3, 64, 64), torch.randn(6, TEXT.dim)
    text = TextBatch(torch.zeros(6, 1, dtype=torch.long), torch.ones(6, 1, dtype=torch.bool), pooled[:, None], pooled)
    results = []
    for micro_batch in (None, 4):
        model.zero_grad()
        loss = model.pretrain_loss(image, text, micro_batch=micro_batch)
        loss.backward()
        results.append([loss.detach(), *(p.grad.clone() for p in model.parameters() if p.grad is not None)])
    torch.testing.assert_close(results[0], results[1], rtol=1e-4, atol=1e-6)


def test_micro_batches_of_a_pretraining_that_has_none_are_refused(tmp_path):
    cell = cell_of(tmp_path / "convirt")
    entry = MethodEntry(name="convirt", pretrain={"epochs": 1, "batch": 4, "micro_batch": 2})
    with pytest.raises(
        InputError, match="convirt: pretrain.micro_batch: it encodes a batch at once; leave the key out"
    ):
        run(dataclasses.replace(cell, method=entry))
