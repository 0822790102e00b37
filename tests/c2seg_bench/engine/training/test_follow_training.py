"""Training with the recipe `follow`, from end to end: what a method learns, resuming, methods without text."""

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file
from torch import nn

from baselines import registry
from baselines.contract import Card, Method, TextBatch, TextSpec
from baselines.registry import register
from c2seg_bench.engine.cell.steps import open_inputs, open_judge
from c2seg_bench.engine.device.device import launch
from c2seg_bench.engine.grid.check import check_suite
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.engine.prediction.predict import predict
from c2seg_bench.engine.request.request import fingerprint
from c2seg_bench.engine.training import resume
from c2seg_bench.engine.training.examples import TrainingExamples
from c2seg_bench.engine.training.train import train
from c2seg_bench.errors import InputError
from c2seg_bench.referring import survey_rows
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite, cells

pytestmark = pytest.mark.slow
ALL = {"part": 0.2, "nowhere": 0.2, "mirrored": 0.2, "no_prompt": 0.2, "agree": 0.5, "empty": 0.5}


def cell_of(out: Path, train: dict, method: str = "lvit", images: int = 12, test: int = 4):
    suite = Suite(
        name="small",
        device="cpu",
        datasets={"phantom": {"source": "phantom", "size": 32, "options": {"train": images, "val": 4, "test": test}}},
        methods=[method],
        train={"epochs": 2, "batch": 4, "lr": 0.002, "optimizer": "adamw", "clip": 1.0, **train},
    )
    prepare_all(suite, RunDir(out), Console(quiet=True))
    return cells(suite, out)[0]


def run(cell):
    return train(cell, open_inputs(cell), launch(cell.suite))


def weights(cell):
    return load_file(cell.files.checkpoint.with_suffix(".safetensors"))


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_a_recipe_that_draws_nothing_leaves_the_weights_as_they_are_bit_for_bit(tmp_path):
    plain, never = cell_of(tmp_path / "plain", {}), cell_of(tmp_path / "never", {"follow": {"part": 1e-12}})
    run(plain), run(never)
    assert same(weights(plain), weights(never))


def test_interrupted_and_resumed_is_bit_for_bit_the_same(tmp_path, monkeypatch):
    recipe = {"follow": ALL, "noise": {"share": 0.5}, "augment": "photometric"}
    whole, part = (cell_of(tmp_path / name, recipe) for name in ("whole", "part"))
    run(whole)
    save = resume.save

    def stop(*state):
        save(*state)
        raise InterruptedError

    monkeypatch.setattr(resume, "save", stop)
    with pytest.raises(InterruptedError):
        run(part)
    monkeypatch.setattr(resume, "save", save)
    run(part)
    assert same(weights(whole), weights(part))
    losses = [h["loss"] for h in json.loads(whole.files.checkpoint.with_suffix(".json").read_text())["history"]]
    assert losses == [h["loss"] for h in json.loads(part.files.checkpoint.with_suffix(".json").read_text())["history"]]


def test_micro_batches_carry_the_second_wording_along(tmp_path):
    cell = cell_of(tmp_path, {"follow": ALL, "epochs": 1, "micro_batch": 2})
    run(cell)
    assert json.loads(cell.files.checkpoint.with_suffix(".json").read_text())["finished"]


def test_examples_of_a_batch_are_images_prompts_and_targets_that_belong_together(tmp_path):
    cell = cell_of(tmp_path, {"follow": {"mirrored": 1.0, "agree": 1.0}})
    inputs, fabric = open_inputs(cell), launch(cell.suite)
    rows = inputs.cache.rows("train")[:5]
    batch = next(inputs.on(fabric.device).batches([rows]))
    examples = TrainingExamples(cell, inputs, fabric)(batch, 0, rows)
    assert torch.equal(examples.images, batch.images.flip(3)) and torch.equal(examples.targets, batch.targets.flip(3))
    own = inputs.cache.index["prompt"].iloc[rows]
    swapped = [" ".join({"left": "right", "right": "left"}.get(w, w) for w in text.split(" ")) for text in own]
    expected = inputs.table.batch(inputs.table.rows(swapped), "cpu")
    assert torch.equal(examples.text.ids, expected.ids)
    assert examples.reworded is not None and len(examples.reworded) == 5
    assert not torch.equal(examples.reworded.pooled, examples.text.pooled)


def test_before_start_every_image_keeps_its_own_prompt_and_mask(tmp_path):
    cell = cell_of(tmp_path, {"epochs": 4, "follow": {"mirrored": 1.0, "start": 0.5}})
    inputs, fabric = open_inputs(cell), launch(cell.suite)
    rows = inputs.cache.rows("train")[:5]
    batch, examples_of = next(inputs.on(fabric.device).batches([rows])), TrainingExamples(cell, inputs, fabric)
    own = inputs.table.batch(inputs.prompt_rows[rows], "cpu")
    for epoch in (0, 1):
        examples = examples_of(batch, epoch, rows)
        assert torch.equal(examples.images, batch.images) and torch.equal(examples.targets, batch.targets)
        assert torch.equal(examples.text.ids, own.ids)
    for epoch in (2, 3):
        assert torch.equal(examples_of(batch, epoch, rows).images, batch.images.flip(3))


def test_the_edits_are_part_of_what_a_checkpoint_stands_for(tmp_path):
    cell = cell_of(tmp_path, {"follow": {"part": 0.5}})
    inputs, path = open_inputs(cell), cell.run.training_examples("phantom")
    before = fingerprint(cell, inputs)
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert fingerprint(cell, inputs) != before


def test_a_method_that_reads_no_text_cannot_follow():
    suite = {
        "name": "s",
        "datasets": {"p": {"source": "phantom", "size": 32}},
        "methods": ["unet"],
        "train": {"follow": {"part": 0.1}},
    }
    with pytest.raises(InputError) as error:
        check_suite(Suite(**suite))
    assert str(error.value) == "unet: train.follow: this method reads no text; give the key to methods that do"


class PlaceReader(Method):
    """The least that can follow: what is seen at a pixel times what the prompt says of its place."""

    card = Card("place-reader", "Place reader", 2000, "", "", True, None, None, ())
    sizes: ClassVar = {"paper": {}, "tiny": {}}

    def __init__(self, text: TextSpec, image_size: int):
        super().__init__(text, image_size)
        self.seen = nn.Sequential(nn.Conv2d(3, 12, 5, padding=2), nn.ReLU(), nn.Conv2d(12, 1, 5, padding=2))
        self.place = nn.Linear(text.dim, 64)

    def decode(self, features: torch.Tensor, text: TextBatch) -> torch.Tensor:
        place = self.place(text.pooled).view(-1, 1, 8, 8)
        place = nn.functional.interpolate(place, features.shape[-2:], mode="bilinear")
        return self.seen(features) + place


@pytest.fixture
def place_reader(monkeypatch):
    for name, value in vars(registry.METHODS).items():
        if isinstance(value, dict):
            monkeypatch.setitem(vars(registry.METHODS), name, dict(value))
    return register(PlaceReader).card.name


def empty_share(cell) -> float:
    """Train; then the share of the test images' `nowhere` prompts whose mask is empty."""
    model, inputs = run(cell), open_inputs(cell)
    test = inputs.cache.rows("test")
    examples = survey_rows(inputs.cache, open_judge(cell, inputs), test, ["nowhere"]).examples
    prompts = inputs.table.rows([e.prompt for e in examples])
    rows = np.array([test[e.row] for e in examples])
    masks = predict(model, inputs, rows, {"nowhere": prompts}, launch(cell.suite))["nowhere"].unpack()
    return float(np.mean(~masks.any(axis=(1, 2))))


@pytest.mark.minutes
def test_a_method_learns_to_leave_the_mask_empty_where_nothing_is(tmp_path, place_reader):
    long = {"epochs": 40, "batch": 10, "lr": 0.01}
    plain, follow = (
        empty_share(cell_of(tmp_path / name, {**long, "follow": recipe}, place_reader, images=200, test=40))
        for name, recipe in (("plain", {"nowhere": 1e-12}), ("follow", {"nowhere": 0.5}))
    )
    assert follow > plain + 0.15
