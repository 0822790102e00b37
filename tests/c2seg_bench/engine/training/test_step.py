"""A training step: micro-batches, memory that is too small, and that nothing in it waits for the device."""

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from baselines.registry import build
from c2seg_bench.engine.training.losses import Losses
from c2seg_bench.engine.training.step import TrainingStep
from c2seg_bench.speed.throughput import TEXT
from c2seg_bench.suite import Train
from tests.c2seg_bench.engine.training.training_case import SIZE, examples_of, feed, loss, training_step
from tests.waits import Waits

FABRIC = Fabric(accelerator="cpu", devices=1)


def weights(step):
    return torch.cat([p.detach().flatten() for p in step.model.parameters()])


@pytest.mark.parametrize("name", ["unet", "lvit", "mmiunet"])
def test_a_step_reads_no_number_back(name):
    """But for the optimiser, which counts its steps on the host wherever the weights are."""
    step, inputs, rows = training_step(name, FABRIC), feed(), np.arange(4)
    losses = Losses(2, torch.device("cpu"))
    step.optimizer.zero_grad()
    with Waits() as waits:
        losses.add(step.gradients(examples_of(inputs, rows)))
        FABRIC.clip_gradients(step.wrapped, step.optimizer, max_norm=1.0, error_if_nonfinite=False)
    assert waits.reads == []
    assert np.isfinite(losses.read()).all() and len(losses.read()) == 1


def test_the_counter_sees_what_waits():
    x = torch.arange(4.0)
    for work in (
        lambda: x.sum().item(),
        lambda: x[x > 1],
        lambda: x.nonzero(),
        lambda: x.unique(),
        lambda: x.any() or 1,
    ):
        with Waits() as waits:
            work()
        assert waits.reads


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", ["unet", "lvit", "mmiunet", "c2seg"])
@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_step_on_a_gpu_does_not_synchronise(name, precision):
    fabric = Fabric(accelerator="cuda", devices=1, precision=precision)
    step, inputs = training_step(name, fabric), feed("cuda")
    losses, rows = Losses(4, fabric.device), np.arange(4)
    losses.add(step(examples_of(inputs, rows), 1.0))
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(3):
            losses.add(step(examples_of(inputs, rows), 1.0))
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert np.isfinite(losses.read()).all()


def test_micro_batches_give_the_gradients_of_the_batch():
    """MMI-UNet's bridges have dropout and its way up batch norm: in eval mode neither depends on the batch."""
    inputs, rows, gradients = feed(), np.arange(7), []
    for micro_batch in (None, 3):
        step = training_step("mmiunet", FABRIC, micro_batch=micro_batch)
        step.model.eval()
        step.optimizer.zero_grad()
        value = step.gradients(examples_of(inputs, rows))
        gradients.append((value, torch.cat([p.grad.flatten() for p in step.model.parameters() if p.grad is not None])))
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-5)


def test_examples_are_cut_into_parts_that_batch_norm_can_take():
    examples = examples_of(feed(), np.arange(7))
    assert [len(part) for part in examples.parts(3)] == [3, 4]
    assert [len(part) for part in examples.parts(1)] == [1] * 7
    assert [len(part) for part in examples.parts(None)] == [len(p) for p in examples.parts(9)] == [7]
    part = list(examples.parts(3))[1]
    torch.testing.assert_close(part.images, examples.images[3:])
    torch.testing.assert_close(part.text.tokens, examples.text.tokens[3:])
    torch.testing.assert_close(part.targets, examples.targets[3:])


def test_the_learning_rate_of_a_step_is_a_share_of_the_first():
    step = training_step("unet", FABRIC)
    before = weights(step)
    step(examples_of(feed(), np.arange(4)), 0.0)
    torch.testing.assert_close(weights(step), before, rtol=0, atol=0)
    step(examples_of(feed(), np.arange(4)), 0.5)
    assert [g["lr"] for g in step.optimizer.param_groups] == [5e-4]
    assert (weights(step) != before).any()


def test_the_pretraining_trains_the_encoder_at_the_full_rate():
    model = build("c2seg", "tiny", TEXT, SIZE, encoder_lr=0.1)
    for groups_method, rates in (("param_groups", [1e-4, 1e-3]), ("pretrain_groups", [1e-3])):
        step = TrainingStep("loss", Train(lr=1e-3), FABRIC, model, loss, groups_method=groups_method)
        assert [group["lr"] for group in step.optimizer.param_groups] == pytest.approx(rates)
