"""A GPU whose memory is too small, played by code that raises torch's error: the line that says what to lower."""

import pytest
import torch

from c2seg_bench.cli.main import main
from c2seg_bench.engine.device.memory import largest_that_fits, prediction_advice, training_advice, within_memory
from c2seg_bench.errors import InputError
from tests.c2seg_bench.own_method import copied_to


@pytest.mark.parametrize(("room", "fits"), [(40, 16), (16, 16), (3, 2), (1, 1), (0, 0)])
def test_the_batch_that_fits_is_searched_by_halves(room, fits):
    tried = []

    def attempt(count):
        tried.append(count)
        if count > room:
            raise torch.OutOfMemoryError("CUDA out of memory")

    assert largest_that_fits(attempt, 32) == fits
    assert tried == [16 >> k for k in range(len(tried))]


def test_the_advice_is_one_line_with_cell_option_and_number():
    cell = "qata / c2seg / seed 0"
    assert training_advice(cell, "train", 32, 8) == (
        "qata / c2seg / seed 0: out of GPU memory with 32 images at a time; "
        "set train.micro_batch: 8, which fits, or lower train.batch to 8"
    )
    assert training_advice(cell, "pretrain", 16, 4, devices=2) == (
        "qata / c2seg / seed 0: out of GPU memory with 16 images at a time on a device; "
        "set pretrain.micro_batch: 4, which fits, or lower pretrain.batch to 8"
    )
    assert prediction_advice(cell, 32, 8) == (
        "qata / c2seg / seed 0: out of GPU memory while predicting 32 images at a time; "
        "set predict_batch: 8, which fits"
    )
    for line in (training_advice(cell, "train", 1, 0), prediction_advice(cell, 1, 0)):
        assert line.endswith("one does not fit either; lower the dataset's size or take a smaller size of the method")


def test_work_that_fits_is_done_once_and_other_errors_pass():
    tried = []
    assert within_memory(lambda: "done", tried.append, 4, str) == "done" and not tried
    with pytest.raises(ZeroDivisionError):
        within_memory(lambda: 1 / 0, tried.append, 4, str)

    def too_large():
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(InputError, match="^2 fit$"):
        within_memory(too_large, tried.append, 4, "{} fit".format)
    assert tried == [2]


SMALL = """
import dataclasses
import torch
from baselines.registry import register
from own_unet import OwnUNet

@register
class Small(OwnUNet):
    card = dataclasses.replace(OwnUNet.card, name="small-memory")

    def loss(self, image, text, target):
        if len(image) > 1 and torch.distributed.is_initialized():
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().loss(image, text, target)
"""
SUITE = """
name: small
size: tiny
device: cpu
devices: 2
datasets: {phantom: {source: phantom, size: 32, options: {train: 9, val: 2, test: 2}}}
methods: [{module: own/small.py, name: small-memory}]
train: {epochs: 1, batch: 3}
"""


@pytest.mark.minutes
def test_one_of_two_processes_without_memory_ends_both_with_the_batch_that_fits(tmp_path, capsys):
    """Of a batch of 3 the first process has two images, which do not fit; the second waits for its batch norm."""
    with copied_to(tmp_path / "own") as folder:
        (folder / "small.py").write_text(SMALL)
        (tmp_path / "suite.yaml").write_text(SUITE)
        with pytest.raises(SystemExit) as ended:
            main(["train", str(tmp_path / "suite.yaml"), "--method", "small-memory", "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: phantom / small-memory / seed 0: out of GPU memory with 2 images at a time on a device; "
        "set train.micro_batch: 1, which fits, or lower train.batch to 2"
    )
