"""What the recipe `follow` adds to a method's own loss: agreement of two wordings, and empty masks."""

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from baselines.losses import bce_dice, disagreement, excess
from baselines.registry import build
from tests.baselines.base import SPEC, images, prompts, targets


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


def test_excess_is_the_area_of_masks_that_should_be_empty_alone(logits):
    target = torch.zeros(3, 1, 5, 4)
    target[0, 0, 1, 1] = 1
    area = (1 / (1 + np.exp(-logits[0].double().numpy().reshape(3, -1)))).mean(1)
    expected = sum(a / (a + 0.05) for a in area[1:]) / 3
    assert excess(logits[0], target).item() == pytest.approx(expected, rel=1e-5)
    assert excess(logits[0], torch.ones_like(target)).item() == 0
    with pytest.raises(ValueError, match="excess: logits"):
        excess(logits[0], target[:, 0])


def test_an_empty_target_gets_gradients_that_the_dice_loss_lacks():
    """Of a sure mask of a tenth of the image; per pixel of it, in units of one over the image's pixels."""
    result = []
    for loss in (excess, lambda x, t: bce_dice(x, t) - 0.5 * binary_cross_entropy_with_logits(x, t)):
        x = torch.full((1, 1, 10, 10), -20.0)
        x[..., 0] = 2.0
        loss(x.requires_grad_(), torch.zeros(1, 1, 10, 10)).backward()
        result.append(100 * x.grad[..., 0].mean().item())
    assert result[0] > 0.2 and abs(result[1]) < 1e-3


def made(name):
    torch.manual_seed(0)
    return build(name, "tiny", SPEC, 64).eval()  # neither dropout nor statistics of the batch


@pytest.mark.parametrize("name", ["c2seg", "lvit", "mmiunet"])
def test_each_term_is_added_at_its_weight(name):
    model, image, target = made(name), images(3), targets(3)
    target[1] = 0
    one, other = prompts(5, 9, 3), prompts(4, 12, 7, seed=1)
    with torch.no_grad():
        own, logits = model.loss(image, one, target), model(image, one)
        apart, area = disagreement(logits, model(image, other)), excess(logits, target)

        def loss(**terms):
            return model.following_loss(image, one, target, **terms)

        torch.testing.assert_close(loss(), own)
        torch.testing.assert_close(loss(reworded=one, agree=2.0), own)
        torch.testing.assert_close(loss(empty=3.0), own + 3 * area)
        for weight in (0.0, 0.5, 2.0):
            torch.testing.assert_close(loss(reworded=other, agree=weight), own + weight * apart)
        torch.testing.assert_close(loss(reworded=other, agree=2.0, empty=0.5), own + 2 * apart + 0.5 * area)
    assert apart > 0 and area > 0


def test_a_method_that_reads_no_text_agrees_with_itself():
    model, image, target = made("unet"), images(2), targets(2)
    one, other = prompts(5, 9), prompts(4, 12, seed=1)
    with torch.no_grad():
        expected = model.loss(image, one, target)
        loss = model.following_loss(image, one, target, reworded=other, agree=2.0)
        torch.testing.assert_close(loss, expected, rtol=0, atol=0)
