"""The contract's tests, as the methods of this project take them: each says which images it refuses."""

from __future__ import annotations

from typing import ClassVar

import torch

from c2seg_bench import testing
from c2seg_bench.testing import SPEC, images, prompts, targets

__all__ = ["SPEC", "ContrastTest", "MethodTest", "images", "prompts", "targets"]


class MethodTest(testing.MethodTest):
    """As `testing.MethodTest`, where a size that is not a multiple of the method's is refused by name."""

    wrong_size: ClassVar[int | None] = 65


class ContrastTest(MethodTest):
    """As `MethodTest`, for methods that are pretrained by matching images with prompts."""

    def test_pretraining_separates_images(self) -> None:
        model, image, text = self.make(), images(4), prompts(3, 5, 7, 9)
        optimiser = torch.optim.Adam(model.parameters(), 1e-3)
        losses = []
        for _ in range(12):
            optimiser.zero_grad()
            loss = model.pretrain_loss(image, text, tau=0.07, rho=0.8)  # as the engine calls it
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        assert losses[-1] < 0.5 * losses[0]
