"""Noise in the prompts of training: a share of them is met in one of a few noisy wordings, drawn by name."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import numpy as np

from c2seg_bench.seeding import rng, seed

if TYPE_CHECKING:
    from c2seg_bench.engine.material import Material
    from c2seg_bench.suite import Noise


def variants(prompt: str, noise: Noise) -> list[str]:
    """`noise.variants` noisy wordings of a prompt, the same whatever else is trained: family and severity by name."""
    from c2seg_bench.stress import FAMILIES

    out = []
    for k in range(noise.variants):
        random = Random(seed("training noise", prompt, k))
        family = FAMILIES[random.choice(noise.families)]
        out.append(family.perturb(prompt, random.randint(1, 5), random))
    return out


def all_variants(prompts: list[str], noise: Noise) -> list[str]:
    """What has to be in the table of embeddings."""
    return [text for prompt in sorted(set(prompts)) for text in variants(prompt, noise)]


class NoisyRows:
    """Rows of the prompt table for a batch of training pictures, some of them noisy.

    Args:
        material: its table holds every variant.
        rows: (N,) the training rows of the cache.
        noise: share, families and number of variants.
        key: names of the random state.
    """

    def __init__(self, material: Material, rows: np.ndarray, noise: Noise, key: tuple[str, ...]):
        self.material, self.noise, self.key = material, noise, key
        prompts = material.cache.index["prompt"]
        distinct = {p: material.table.rows(variants(p, noise)) for p in set(prompts.iloc[rows])}
        self.noisy = {int(row): distinct[prompts.iloc[row]] for row in rows}

    def __call__(self, batch: np.ndarray, epoch: int) -> np.ndarray:
        """(B,) rows of the table; which are noisy depends on the cell, the epoch and the picture alone."""
        out = self.material.text_rows[batch].copy()
        for i, row in enumerate(batch):
            draw = rng(*self.key, "noise", epoch, int(row))
            if draw.random() < self.noise.share:
                out[i] = draw.choice(self.noisy[int(row)])
        return out
