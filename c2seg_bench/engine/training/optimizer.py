"""The optimiser of a stage, from its recipe."""

from __future__ import annotations

from typing import Any

import torch

from c2seg_bench.suite import Train


def make_optimizer(recipe: Train, groups: list[dict[str, Any]], **options: Any) -> torch.optim.Optimizer:
    """Adam, AdamW or SGD over these groups of parameters.

    Args:
        recipe: optimiser, learning rate, momentum (SGD) or betas (Adam, AdamW).
        groups: with a learning rate and weight decay of their own.
        **options: further arguments of the optimiser, such as fused=True.
    """
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.nesterov, **options)
    cls = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return cls(groups, lr=recipe.lr, betas=recipe.betas, **options)
