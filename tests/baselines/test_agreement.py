"""Agreement of two wordings: the distance of their masks, and what it adds to a method's own loss."""

import numpy as np
import pytest
import torch

from baselines.losses import disagreement
from baselines.registry import build
from tests.baselines.base import SPEC, pictures, prompts, targets


@pytest.fixture
def logits():
    one, other = 3 * torch.randn(2, 3, 1, 5, 4, generator=torch.Generator().manual_seed(0))
    return one, other


def test_disagreement_is_its_formula(logits):
    p, q = (1 / (1 + np.exp(-x.double().numpy().reshape(3, -1))) for x in logits)
    expected = np.mean(((p - q) ** 2).sum(1) / ((p**2).sum(1) + (q**2).sum(1) + 1e-5))
    one, other = logits
    assert disagreement(one, other).item() == pytest.approx(expected, rel=1e-5)
    assert disagreement(other, one).item() == pytest.approx(expected, rel=1e-5)


def test_equal_masks_agree_and_masks_without_a_common_pixel_do_not_at_all():
    left = torch.full((2, 1, 4, 4), -200.0)
    left[..., :2] = 200
    empty = torch.full((2, 1, 4, 4), -200.0)
    assert disagreement(left, left).item() == disagreement(empty, empty).item() == 0
    assert disagreement(left, -left).item() == pytest.approx(1)
    with pytest.raises(ValueError, match=r"disagreement: logits \(2, 1, 4, 4\) and target \(2, 4, 4\) differ"):
        disagreement(left, left[:, 0])


def test_both_sets_of_logits_are_drawn_together(logits):
    one, other = (x.clone().requires_grad_() for x in logits)
    disagreement(one, other).backward()
    assert one.grad.any() and other.grad.any()


def made(name):
    torch.manual_seed(0)
    return build(name, "tiny", SPEC, 64).eval()  # neither dropout nor statistics of the batch


@pytest.mark.parametrize("name", ["c2seg", "lvit", "mmiunet"])
def test_the_distance_between_two_wordings_is_added_at_its_weight(name):
    model, image, target = made(name), pictures(3), targets(3)
    one, other = prompts(5, 9, 3), prompts(4, 12, 7, seed=1)
    with torch.no_grad():
        own, apart = model.loss(image, one, target), disagreement(model(image, one), model(image, other))
        for weight in (0.0, 0.5, 2.0):
            torch.testing.assert_close(model.agreeing_loss(image, one, target, other, weight), own + weight * apart)
        torch.testing.assert_close(model.agreeing_loss(image, one, target, one, 2.0), own)
    assert apart > 0


def test_a_method_that_reads_no_text_agrees_with_itself():
    model, image, target = made("unet"), pictures(2), targets(2)
    one, other = prompts(5, 9), prompts(4, 12, seed=1)
    with torch.no_grad():
        expected = model.loss(image, one, target)
        torch.testing.assert_close(model.agreeing_loss(image, one, target, other, 2.0), expected, rtol=0, atol=0)
