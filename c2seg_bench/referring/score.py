"""Masks of edited prompts against the right masks: a row per example, with the columns of scores.parquet."""

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

COLUMNS = ("whole_dice", "own_dice")  # that no other rows have


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
        condition: that the rows carry.
        examples: n, with rows of the cache.
        masks: (n, S, S) made with their prompts, of flipped pictures as these are flipped.
        clean_masks: row of the cache -> (S, S) mask of the unflipped picture under its true prompt.
        further_metrics: names of metrics of masks, besides the default ones.

    Returns:
        Columns `condition`, `image`, `subject`, those of `metrics.score_masks` against the right mask, `stability`
        (Dice with the mask of the true prompt, flipped where the picture is), `whole_dice` (Dice with the expert's
        whole mask), `own_dice` (Dice of the mask of the true prompt with the right mask), `components`, `empty` and
        `prompt`.
    """
    rows = [example.row for example in examples]
    experts = cache.masks[rows]
    right = np.stack([e.target(mask) for e, mask in zip(examples, experts, strict=True)])
    whole = [e.whole(mask) for e, mask in zip(examples, experts, strict=True)]
    own = [clean_masks[e.row][:, ::-1] if e.flipped else clean_masks[e.row] for e in examples]
    table = metrics.score_masks(masks, right, metrics=further_metrics)
    index = cache.index.iloc[rows]
    for place, (column, value) in enumerate(
        {"condition": str(condition), "image": list(index["name"]), "subject": list(index["subject"])}.items()
    ):
        table.insert(place, column, value)
    components, empty = count_and_emptiness(masks, judge.frame)
    return table.assign(
        stability=dice_of_each(masks, own),
        whole_dice=dice_of_each(masks, whole),
        own_dice=dice_of_each(own, right),
        components=components,
        empty=empty,
        prompt=[example.prompt for example in examples],
    )


def dice_of_each(a: Sequence[ArrayLike] | NDArray, b: Sequence[ArrayLike] | NDArray) -> list[float]:
    return [metrics.dice(one, other) for one, other in zip(a, b, strict=True)]


def count_and_emptiness(masks: Sequence[Any] | NDArray, frame: Frame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) components of at least the frame's minimum area, and (n,) 1 if there is none nor many specks."""
    by_cuts = replace(frame, experts=None, relative="picture", lungs=None)  # neither counts on where the lungs are
    described = features(masks, by_cuts)
    return described.count, described.empty(by_cuts).astype(np.int64)
