"""Noise in the training prompts: some of them are replaced by one of a few noisy versions, drawn by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from c2seg_bench.seeding import rng, seed

if TYPE_CHECKING:
    from c2seg_bench.suite import Noise
    from c2seg_bench.text.prompt_table import PromptTable

DRAWS = 8  # attempts to get a wording that differs from the prompt


def variants(prompt: str, noise: Noise, pool: Sequence[str] = ()) -> list[str]:
    """`noise.variants` noisy wordings of a prompt. Their families and severities depend on the prompt alone.

    Args:
        pool: the training prompts, for families that borrow from them.
    """
    return [_variant(prompt, noise, pool, Random(seed("training noise", prompt, k))) for k in range(noise.variants)]


def _variant(prompt: str, noise: Noise, pool: Sequence[str], random: Random) -> str:
    """One noisy wording. Draws again if a family has nothing to edit, to keep the requested share of noise."""
    from c2seg_bench.stress import FAMILIES

    for _ in range(DRAWS):
        family = FAMILIES[random.choice(noise.families)]
        noisy = family.perturb(prompt, random.randint(1, 5), random, pool)
        if noisy != prompt:
            return noisy
    return prompt


def all_variants(prompts: Iterable[str], noise: Noise, edited: Iterable[str] = ()) -> list[str]:
    """All wordings that need an embedding.

    Args:
        prompts: those of the training images, which families borrow from.
        edited: further training prompts, from which families do not borrow.
    """
    pool = sorted(set(prompts))
    return [text for prompt in sorted({*pool, *edited}) for text in variants(prompt, noise, pool)]


class Wordings:
    """Rows of the prompt table: of every training prompt, its noisy wordings.

    Args:
        table: has the prompts and every one of `all_variants`.
        prompts, edited: as `all_variants` got them.
        noise: share, families and number of variants.
        key: names of the random state.
    """

    def __init__(
        self,
        table: PromptTable,
        prompts: Iterable[str],
        noise: Noise,
        key: tuple[str, ...],
        edited: Iterable[str] = (),
    ):
        self.noise, self.key = noise, key
        pool = sorted(set(prompts))
        texts = sorted({*pool, *edited})
        by_prompt = [table.rows(variants(text, noise, pool)) for text in texts]
        self.noisy = dict(zip(table.rows(texts).tolist(), by_prompt, strict=True))

    def replaced(self, prompts: np.ndarray, rows: np.ndarray, epoch: int) -> np.ndarray:
        """(B,) rows of prompts -> the same rows, some of them replaced by those of noisy wordings.

        The choice depends only on the cell, the epoch and the image.
        """
        out = prompts.copy()
        for i, (prompt, row) in enumerate(zip(prompts.tolist(), rows.tolist(), strict=True)):
            draw = rng(*self.key, "noise", epoch, row)
            if draw.random() < self.noise.share:
                out[i] = draw.choice(self.noisy[prompt])
        return out

    def others(self, prompts: np.ndarray, rows: np.ndarray, epoch: int) -> np.ndarray:
        """(B,) rows of prompts -> a noisy wording of each, drawn for its image and epoch."""
        draws = (rng(*self.key, "reworded", epoch, row) for row in rows.tolist())
        return np.array([draw.choice(self.noisy[p]) for p, draw in zip(prompts.tolist(), draws, strict=True)], int)
