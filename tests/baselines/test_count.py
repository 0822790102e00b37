import torch
from torch import nn

from baselines.contract import Method
from baselines.count import count, gflops
from tests.baselines.base import SPEC


class Strange(Method):
    """All that the tool of the field does not see, and one layer that it does, used twice."""

    def __init__(self):
        super().__init__(SPEC, 8)
        self.seen = nn.Conv2d(3, 3, 1)  # 12
        self.never_run = nn.Linear(100, 100)
        self.table = nn.Embedding(50, 10)
        self.attention = nn.MultiheadAttention(SPEC.dim, 2)
        self.own = nn.Parameter(torch.zeros(7))
        self.frozen = nn.Linear(2, 1, bias=False).requires_grad_(False)  # 2, runs

    def decode(self, features, text):
        self.table(text.ids.clamp_max(49))
        self.attention(text.tokens, text.tokens, text.tokens)
        self.frozen(torch.zeros(1, 2))
        return self.seen(self.seen(features))[:, :1] + self.own.sum()


def test_only_known_layers_that_ran_are_counted_once():
    model = Strange()
    every = sum(p.numel() for p in model.parameters())
    counted = count(model, SPEC, 8, frozen_text=22.5)
    assert counted == {
        "total": every / 1e6 + 22.5,
        "trainable": (every - 2) / 1e6,
        "frozen_text": 22.5,
        "thop": (12 + 2) / 1e6,
    }


def test_counting_leaves_the_method_as_it_was():
    model = Strange().train()
    model.attention.eval()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    count(model, SPEC, 8)
    assert model.training and model.seen.training and not model.attention.training
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


class OneOfEach(Method):
    """A convolution, a linear layer and a product, whose operations can be counted by hand."""

    def __init__(self):
        super().__init__(SPEC, 8)
        self.conv, self.linear = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(SPEC.dim, 4)

    def decode(self, features, text):
        words = self.linear(text.tokens)  # (B, N, 4)
        pixels = self.conv(features).flatten(2)  # (B, 4, P)
        return (words @ pixels).mean(1).view(len(features), 1, 8, 8)


def test_operations_are_those_counted_by_hand():
    conv, linear, product = 8 * 8 * 4 * 3 * 9, SPEC.length * SPEC.dim * 4, SPEC.length * 4 * 8 * 8
    assert gflops(OneOfEach(), SPEC, 8) * 1e9 == 2 * (conv + linear + product)
