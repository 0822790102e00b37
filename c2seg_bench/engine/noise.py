"""Noise in the training prompts: a share of them is replaced by one of a few noisy wordings, drawn by name."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from c2seg_bench.seeding import rng, seed

if TYPE_CHECKING:
    from c2seg_bench.engine.inputs import CellInputs
    from c2seg_bench.suite import Noise

DRAWS = 8  # attempts to get a wording that differs from the prompt


def variants(prompt: str, noise: Noise, pool: Sequence[str] = ()) -> list[str]:
    """`noise.variants` noisy wordings of a prompt. Their families and severities depend on the prompt alone.

    Args:
        pool: the training prompts, for families that borrow from them.
    """
    return [_variant(prompt, noise, pool, Random(seed("training noise", prompt, k))) for k in range(noise.variants)]


def _variant(prompt: str, noise: Noise, pool: Sequence[str], random: Random) -> str:
    """One noisy wording. Draws again where a family has nothing to edit, to keep the requested share of noise."""
    from c2seg_bench.stress import FAMILIES

    for _ in range(DRAWS):
        family = FAMILIES[random.choice(noise.families)]
        noisy = family.perturb(prompt, random.randint(1, 5), random, pool)
        if noisy != prompt:
            return noisy
    return prompt


def all_variants(prompts: list[str], noise: Noise) -> list[str]:
    """All wordings that need an embedding; `prompts` are those of all training rows."""
    pool = sorted(set(prompts))
    return [text for prompt in pool for text in variants(prompt, noise, pool)]


class NoisyRows:
    """Rows of the prompt table for a batch of training pictures; some are of noisy wordings.

    Args:
        inputs: the cell's; the table has every variant.
        rows: (N,) all training rows of the cache, those whose prompts `all_variants` got.
        noise: share, families and number of variants.
        key: names of the random state.
    """

    def __init__(self, inputs: CellInputs, rows: np.ndarray, noise: Noise, key: tuple[str, ...]):
        self.inputs, self.noise, self.key = inputs, noise, key
        prompts = inputs.cache.index["prompt"]
        pool = sorted(set(prompts.iloc[rows]))
        distinct = {p: inputs.table.rows(variants(p, noise, pool)) for p in pool}
        self.noisy = {int(row): distinct[prompts.iloc[row]] for row in rows}

    def __call__(self, batch: np.ndarray, epoch: int) -> np.ndarray:
        """(B,) rows of the table. Which are noisy depends on the cell, the epoch and the picture alone."""
        out = self.inputs.prompt_rows[batch].copy()
        for i, row in enumerate(batch):
            draw = rng(*self.key, "noise", epoch, int(row))
            if draw.random() < self.noise.share:
                out[i] = draw.choice(self.noisy[int(row)])
        return out
