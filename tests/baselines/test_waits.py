"""No method's loss, nor its gradient, makes the host wait for a GPU."""

import pytest
import torch

from baselines import registry
from baselines.tganet.mask_attributes import attributes_on_device
from tests.baselines.base import SPEC, images, prompts, targets
from tests.waits import Waits

RECIPES = [
    (name, recipe)
    for name in registry.names()
    if name != "c2seg"  # on a CPU it leaves out pads and repeated prompts; a step on a GPU is tested where there is one
    for recipe in ("common", "official")
    if recipe == "common" or "recipe" in registry.options(name, "tiny")
]


@pytest.mark.parametrize(("name", "recipe"), RECIPES)
def test_loss_and_gradient_read_nothing_back_and_send_nothing(name, recipe, monkeypatch):
    monkeypatch.setattr("baselines.tganet.model.attributes", attributes_on_device)  # as on a GPU
    options = {"recipe": recipe} if "recipe" in registry.options(name, "tiny") else {}
    torch.manual_seed(0)
    model = registry.build(name, "tiny", SPEC, 64, **options)
    image, text, target = images(3), prompts(5, 0, 9), targets(3)
    with Waits(sends=True) as waits:
        model.loss(image, text, target).backward()
        if model.card.pretrains:
            model.pretrain_loss(image, text).backward()
    assert waits.reads == []
