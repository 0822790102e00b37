"""Scores of one method's masks of a test split, under the clean prompts and under every noisy condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metrics
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.scoring.adherence import adherence
from c2seg_bench.scoring.judge import Judge

SCORING_VERSION = 2  # raise it if a change of the code changes scores, so that all cells are scored again


@dataclass(frozen=True)
class Predicted:
    """Masks made under one condition.

    Args:
        condition: of the prompts.
        rows: (n,) rows of the cache, each once.
        masks: (n, S, S) bool.
        prompts: n texts that the masks were made with.
    """

    condition: Condition
    rows: np.ndarray
    masks: NDArray[np.bool_]
    prompts: Sequence[str]

    def masks_of(self, rows: np.ndarray) -> NDArray[np.bool_]:
        """The masks of these rows of the cache. KeyError for a row that is not among `self.rows`."""
        position = {int(row): i for i, row in enumerate(self.rows)}
        return self.masks[[position[int(row)] for row in rows]]


def score_conditions(
    predictions: Iterable[Predicted], cache: Cache, judge: Judge, further_metrics: Sequence[str] = ()
) -> pd.DataFrame:
    """One row per condition and image, in the order given.

    Args:
        predictions: the clean prompts' first, which the others are compared with; taken one at a time.
        cache: with the experts' masks.
        judge: of the cache's dataset.
        further_metrics: names of metrics of masks, besides the default ones.

    Returns:
        Columns `condition`, `image`, `subject` ("" if it is not known), those of `metrics.score_masks`, `stability`
        (Dice with the mask of the clean prompt), those of `metrics.consistency.evaluate` against the clean prompt,
        `prompt` (the one that the mask was made with), and, where prompts with an edited meaning are among the
        conditions, those of `adherence`.

    Raises:
        ValueError: the first predictions are not those of the clean prompts.
    """
    tables: list[pd.DataFrame] = []
    clean: Predicted | None = None
    for predicted in predictions:
        clean = clean or predicted
        if clean.condition != CLEAN:
            raise ValueError(f"the first condition is {clean.condition}; give the clean one first")
        tables.append(_score(predicted, clean, cache, judge, further_metrics))
    return pd.concat(tables, ignore_index=True)


def _score(
    predicted: Predicted, clean: Predicted, cache: Cache, judge: Judge, further_metrics: Sequence[str]
) -> pd.DataFrame:
    rows = predicted.rows
    clean_prompts = list(cache.index["prompt"].iloc[rows])
    clean_masks = clean.masks_of(rows)
    table = metrics.score_masks(predicted.masks, cache.masks[rows].astype(bool), metrics=further_metrics)
    table.insert(0, "image", list(cache.index["name"].iloc[rows]))
    table.insert(1, "subject", list(cache.index["subject"].iloc[rows]))
    table.insert(0, "condition", str(predicted.condition))
    if predicted is clean:
        table["stability"] = 1.0
    else:
        table["stability"] = [metrics.dice(a, b) for a, b in zip(predicted.masks, clean_masks, strict=True)]
    verdicts = judge.rows(predicted.masks, clean_prompts, rows)
    table = table.assign(**{column: verdicts[column].to_numpy() for column in verdicts}, prompt=predicted.prompts)
    return table.assign(
        **adherence(predicted.condition, predicted.masks, clean_masks, predicted.prompts, clean_prompts, judge, rows)
    )
