"""A method that cannot be trained is refused in one line before anything is trained."""

import pytest
import torch

from baselines import registry
from baselines.contract import Card, Method
from c2seg_bench.engine.grid.trial_step import try_step
from c2seg_bench.engine.training.step import Examples
from c2seg_bench.errors import InputError
from c2seg_bench.testing import SPEC, images, prompts, targets


class Small(Method):
    """One convolution; `change` is applied to its logits."""

    card = Card("small", "Small", 2030, "X", "https://example.org", False, None, None, ())
    sizes = {"paper": {}, "tiny": {}}

    def __init__(self, change=lambda logits: logits, loss=None, channels=1):
        super().__init__(SPEC, 32)
        self.layer = torch.nn.Conv2d(3, channels, 3, padding=1)
        self.change, self.own_loss = change, loss

    def decode(self, features, text):
        return self.change(self.layer(features))

    def loss(self, image, text, target):
        return super().loss(image, text, target) if self.own_loss is None else self.own_loss(self(image, text))


def examples():
    return Examples(images(2, 32), prompts(3, 5), targets(2, 32))


def fails(logits):
    raise KeyError("no such layer")


CASES = {
    "logits of half the size": (Small(lambda x: x[:, :, ::2, ::2]), "logits (2, 1, 16, 16) for targets (2, 1, 32, 32): another size than the image; return logits (B, 1, H, W)"),
    "two channels": (Small(channels=2), "logits (2, 2, 32, 32) for targets (2, 1, 32, 32): 2 channels instead of one; return logits (B, 1, H, W)"),
    "no channel": (Small(lambda x: x[:, 0]), "logits (2, 32, 32) for targets (2, 1, 32, 32): 3 dimensions instead of 4; return logits (B, 1, H, W)"),
    "one image of two": (Small(lambda x: x[:1]), "logits (1, 1, 32, 32) for targets (2, 1, 32, 32): another number of images; return logits (B, 1, H, W)"),
    "a list": (Small(lambda x: [x]), "decode returns a list; return a tensor of logits (B, 1, H, W)"),
    "not finite": (Small(lambda x: x / 0), "logits are not finite in a trial step with its first weights"),
    "loss of every image": (Small(loss=lambda x: x.mean((1, 2, 3))), "loss returns shape (2,); return a scalar tensor, such as its mean"),
    "loss is a number": (Small(loss=lambda x: 1.0), "loss returns a float; return a scalar tensor, such as its mean"),
    "loss is nan": (Small(loss=lambda x: x.mean() * float("nan")), "the loss is nan in a trial step with its first weights"),
    "detached": (Small(lambda x: x.detach()), "the loss has no gradient; is a tensor detached, or computed in no_grad?"),
    "no parameter": (Small(lambda x: torch.zeros_like(x, requires_grad=True)), "no gradient of the loss reaches a parameter; is the output detached from the input?"),
    "infinite gradient": (Small(loss=lambda x: (x * 0).abs().sqrt().sum()), "the gradient of layer.weight is not finite in a trial step; look at the loss"),
    "its own error": (Small(fails), "a trial step fails in test_trial_step.py, line 37: KeyError: 'no such layer'"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_method_is_one_line(case):
    model, message = CASES[case]
    with pytest.raises(InputError) as error:
        try_step(model, "small", examples())
    assert str(error.value) == f"small: {message}"


def test_a_sound_method_passes():
    model = Small()
    try_step(model, "small", examples())
    assert model.layer.weight.grad.any()


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.names())
def test_every_method_passes_and_has_gradients(name):
    torch.manual_seed(0)
    model = registry.build(name, "tiny", SPEC, 64)
    try_step(model, name, Examples(images(2), prompts(3, 5), targets(2)))
    assert any(weight.grad is not None and weight.grad.any() for weight in model.parameters())
