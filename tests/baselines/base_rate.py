"""The shared tests, for official losses that the shared learning rate of 1e-2 is too much for."""

from __future__ import annotations

from typing import ClassVar

import torch

from tests.baselines.base import MethodTest, pictures, prompts, targets


class OwnRateTest(MethodTest):
    """As `MethodTest`, learning with `rate`."""

    rate: ClassVar[float] = 1e-3

    def test_learns_a_picture(self) -> None:
        model, text, target = self.make(), prompts(5, 9), targets(2)
        image = (pictures(2) + target) / 2
        optimiser = torch.optim.Adam(model.param_groups(self.rate, 0.0))
        losses = []
        for _ in range(20):
            optimiser.zero_grad()
            loss = model.loss(image, text, target)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        assert losses[-1] < 0.8 * losses[0]
