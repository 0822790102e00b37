"""Noise in the prompts of training: a share of them is met in one of a few noisy wordings, drawn by name."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from c2seg_bench.seeding import rng, seed

if TYPE_CHECKING:
    from c2seg_bench.engine.material import Material
    from c2seg_bench.suite import Noise

DRAWS = 8  # of a wording that leaves the prompt as it is


def variants(prompt: str, noise: Noise, pool: Sequence[str] = ()) -> list[str]:
    """`noise.variants` noisy wordings of a prompt, the same whatever else is trained: family and severity by name.

    Args:
        pool: the training prompts, for a family that borrows from them.
    """
    return [_variant(prompt, noise, pool, Random(seed("training noise", prompt, k))) for k in range(noise.variants)]


def _variant(prompt: str, noise: Noise, pool: Sequence[str], random: Random) -> str:
    """Drawn again where a family found nothing to edit, so that the share of noisy prompts is the one asked for."""
    from c2seg_bench.stress import FAMILIES

    for _ in range(DRAWS):
        family = FAMILIES[random.choice(noise.families)]
        found = family.perturb(prompt, random.randint(1, 5), random, pool)
        if found != prompt:
            return found
    return prompt


def all_variants(prompts: list[str], noise: Noise) -> list[str]:
    """What has to be in the table of embeddings; `prompts` are those of all training rows."""
    pool = sorted(set(prompts))
    return [text for prompt in pool for text in variants(prompt, noise, pool)]


class NoisyRows:
    """Rows of the prompt table for a batch of training pictures, some of them noisy.

    Args:
        material: its table holds every variant.
        rows: (N,) all training rows of the cache, as `all_variants` had them.
        noise: share, families and number of variants.
        key: names of the random state.
    """

    def __init__(self, material: Material, rows: np.ndarray, noise: Noise, key: tuple[str, ...]):
        self.material, self.noise, self.key = material, noise, key
        prompts = material.cache.index["prompt"]
        pool = sorted(set(prompts.iloc[rows]))
        distinct = {p: material.table.rows(variants(p, noise, pool)) for p in pool}
        self.noisy = {int(row): distinct[prompts.iloc[row]] for row in rows}

    def __call__(self, batch: np.ndarray, epoch: int) -> np.ndarray:
        """(B,) rows of the table; which are noisy depends on the cell, the epoch and the picture alone."""
        out = self.material.text_rows[batch].copy()
        for i, row in enumerate(batch):
            draw = rng(*self.key, "noise", epoch, int(row))
            if draw.random() < self.noise.share:
                out[i] = draw.choice(self.noisy[int(row)])
        return out
