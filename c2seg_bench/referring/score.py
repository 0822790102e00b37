"""Scores the masks of edited prompts against the correct ones: a row per example, as in scores.parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

import metrics
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.referring.example import Example
from c2seg_bench.rundir import Condition
from c2seg_bench.scoring.judge import Judge
from metrics.consistency import Frame
from metrics.consistency.judge.features import features

COLUMNS = ("whole_dice", "own_dice")  # columns that only rows of edited prompts have


def score_examples(
    condition: Condition,
    examples: Sequence[Example],
    masks: NDArray[np.bool_],
    clean_masks: Mapping[int, NDArray[np.bool_]],
    cache: Cache,
    judge: Judge,
    further_metrics: Sequence[str] = (),
) -> pd.DataFrame:
    """One row per example, in the order given.

    Args:
        condition: of the rows.
        examples: n of them; their rows are those of the cache.
        masks: (n, S, S) bool, predicted for the edited prompts; flipped if the example's image is.
        clean_masks: row of the cache -> (S, S) bool, predicted for the original image and its true prompt.
        cache, judge: of the dataset.
        further_metrics: names of mask metrics besides the default ones.

    Returns:
        Columns `condition`, `image`, `subject`; those of `metrics.score_masks` against the correct mask; `stability`
        (Dice of the mask with the one for the true prompt, flipped if the image is), `whole_dice` (Dice of the mask
        with the expert's whole mask), `own_dice` (Dice of the mask for the true prompt with the correct mask),
        `components`, `empty` and `prompt`.
    """
    rows = [example.row for example in examples]
    experts = cache.masks[rows]
    targets = np.stack([e.target(mask) for e, mask in zip(examples, experts, strict=True)])
    whole_masks = [e.whole(mask) for e, mask in zip(examples, experts, strict=True)]
    unedited = [clean_masks[e.row][:, ::-1] if e.flipped else clean_masks[e.row] for e in examples]
    table = metrics.score_masks(masks, targets, metrics=further_metrics)
    index = cache.index.iloc[rows]
    first = {"condition": str(condition), "image": list(index["name"]), "subject": list(index["subject"])}
    for position, (column, value) in enumerate(first.items()):
        table.insert(position, column, value)
    components, empty = count_and_emptiness(masks, judge.frame)
    return table.assign(
        stability=dice_per_pair(masks, unedited),
        whole_dice=dice_per_pair(masks, whole_masks),
        own_dice=dice_per_pair(unedited, targets),
        components=components,
        empty=empty,
        prompt=[example.prompt for example in examples],
    )


def dice_per_pair(first: Sequence[ArrayLike] | NDArray, second: Sequence[ArrayLike] | NDArray) -> list[float]:
    """Dice of n pairs of masks; 1 if both masks of a pair are empty."""
    return [metrics.dice(a, b) for a, b in zip(first, second, strict=True)]


def count_and_emptiness(masks: Sequence[Any] | NDArray, frame: Frame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) number of components that are no specks, and (n,) 1 if the mask is empty (see `Features.empty`), else 0."""
    by_cuts = replace(frame, experts=None, relative="picture", lungs=None)  # neither number depends on the lungs
    described = features(masks, by_cuts)
    return described.count, described.empty(by_cuts).astype(np.int64)
