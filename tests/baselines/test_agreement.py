"""The loss with agreement: what it adds to a method's own, whatever that is."""

import pytest
import torch

from baselines.losses import disagreement
from baselines.registry import build
from tests.baselines.base import SPEC, pictures, prompts, targets


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
