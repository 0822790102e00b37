"""Several processes that train one cell: what one process gives, to rounding."""

import dataclasses
import json
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy

from c2seg_bench.cli.main import main
from c2seg_bench.engine.device.distributed import Share
from c2seg_bench.engine.training.losses import Losses
from tests.c2seg_bench.engine.training.training_case import IMAGES, examples_of, feed, training_step

STEPS = 20
STAGES = ("loss", "pretrain_loss")
pytestmark = pytest.mark.minutes


def train(fabric, stage):
    """Losses and weights after 20 steps of C2Seg; batches of 7 are 4 and 3 images to two processes.

    In double precision, but for the losses themselves: in single precision a temperature of 0.07 and 20 steps raise the
    rounding of a sum in another order to 1e-4.
    """
    torch.set_num_threads(1)
    step, inputs, share = training_step("c2seg", fabric, stage, double=True, optimizer="sgd"), feed(), Share.of(fabric)
    losses, draw = Losses(STEPS, fabric.device, share), np.random.default_rng(0)
    step.model.train()
    for _ in range(STEPS):
        rows = draw.permutation(IMAGES)[:7]
        examples = examples_of(inputs, rows[share.part(7)], counts=tuple(share.counts(7)))
        losses.add(step(in_double(examples), 1.0))
    return losses.read(), {name: x.numpy() for name, x in step.model.state_dict().items()}


def in_double(examples):
    text = examples.text
    text = dataclasses.replace(text, tokens=text.tokens.double(), pooled=text.pooled.double())
    return dataclasses.replace(examples, images=examples.images.double(), targets=examples.targets.double(), text=text)


def train_all(fabric, file):
    results = {stage: train(fabric, stage) for stage in STAGES}
    if fabric.is_global_zero:  # by file: a launcher waits for the process before it reads what it returns
        file.write_bytes(pickle.dumps(results))


def results_of(fabric, file):
    fabric.launch(train_all, file)
    return pickle.loads(file.read_bytes())


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return results_of(Fabric(accelerator="cpu", devices=1), tmp_path_factory.mktemp("one") / "results")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    strategy = DDPStrategy(start_method="spawn", find_unused_parameters=True)
    fabric = Fabric(accelerator="cpu", devices=2, strategy=strategy)
    return results_of(fabric, tmp_path_factory.mktemp("two") / "results")


@pytest.mark.parametrize("stage", STAGES)
def test_two_processes_have_the_losses_and_weights_of_one(one, two, stage):
    (losses, weights), (shared_losses, shared_weights) = one[stage], two[stage]
    assert losses[-1] != losses[0] and np.isfinite(losses).all()
    np.testing.assert_allclose(shared_losses, losses, atol=1e-5)
    assert weights.keys() == shared_weights.keys()
    for name, expected in weights.items():
        np.testing.assert_allclose(shared_weights[name], expected, atol=1e-5, err_msg=name)


@given(batch=st.integers(1, 300), world=st.integers(1, 9))
def test_shares_are_the_batch_in_order_and_their_weights_make_its_mean(batch, world):
    rows, values = np.arange(batch), np.random.default_rng(batch).random(batch)
    shares = [Share(rank, world) for rank in range(world)]
    np.testing.assert_array_equal(np.concatenate([rows[s.part(batch)] for s in shares]), rows)
    counts = shares[0].counts(batch)
    assert max(counts) - min(counts) <= 1
    means = [s.weight(batch) * values[s.part(batch)].mean() for s in shares if len(rows[s.part(batch)])]
    assert sum(means) / world == pytest.approx(values.mean())


SUITE = """
name: small
size: tiny
device: cpu
devices: {devices}
datasets: {{phantom: {{source: phantom, size: 64, options: {{train: 8, val: 2, test: 2}}}}}}
methods: [{{name: {method}, pretrain: {{epochs: 1, batch: 4}}}}]
train: {{epochs: 2, batch: 4, lr: 0.002, augment: photometric}}
"""


def run(folder, devices, method="c2seg"):
    folder.mkdir()
    (folder / "suite.yaml").write_text(SUITE.format(devices=devices, method=method))
    with pytest.raises(SystemExit) as ended:
        main(["train", str(folder / "suite.yaml"), "--method", method, "--out", str(folder / "out")])
    return ended.value.code, folder / "out" / "cells" / "phantom" / method / "seed0"


def test_a_cell_is_trained_by_two_processes_from_pretraining_to_the_checkpoint(tmp_path):
    (code, shared), (_, alone) = run(tmp_path / "two", 2), run(tmp_path / "one", 1)
    assert code == 0 and not list(shared.glob("*.pt"))
    stored, expected = (json.loads((f / "checkpoint.json").read_text()) for f in (shared, alone))
    assert stored["finished"] and stored["pretrain_epochs"] == 1 and stored["epochs"] == 2
    logs = [[json.loads(line) for line in (f / "log.jsonl").read_text().splitlines()] for f in (shared, alone)]
    assert [(e["stage"], e["epoch"]) for e in logs[0]] == [("pretrain", 1), ("train", 1), ("train", 2)]
    assert logs[0][0]["loss"] == pytest.approx(logs[1][0]["loss"], abs=1e-3)
    assert stored["history"][0]["loss"] == pytest.approx(expected["history"][0]["loss"], rel=0.02)


def test_a_contrast_over_one_devices_images_is_refused_in_one_line(tmp_path, capsys):
    code, _ = run(tmp_path / "convirt", 2, "convirt")
    assert code == 2
    assert "convirt: devices: it contrasts the images of one device" in capsys.readouterr().err.splitlines()[-1]
