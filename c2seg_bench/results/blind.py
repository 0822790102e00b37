"""Predictors that never look at the image, as reference rows: constants, and one that reads the prompt alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from c2seg_bench.results.run import Run
from metrics import score_masks
from metrics.consistency import constant_masks, parse
from metrics.summary import fill_empty

PROMPT_ONLY = "prompt only"


def blind_predictors(run: Run, dataset: str) -> dict[str, pd.DataFrame]:
    """Name of a predictor -> its rows on the test split, with the columns of scores.parquet and seed 0.

    `empty`, `full` and `mean mask` give every image the same mask; `prompt only` gives the mean mask of the training
    images whose prompt states the same as the image's (that of all of them where none does).
    """
    cache, truth = run.cache(dataset), run.truth[dataset]
    train = cache.rows("train")
    masks, prompts = cache.masks[train].astype(bool), list(cache.index["prompt"].iloc[train])
    constants = constant_masks(masks)
    given: dict[str, NDArray] = {name: np.broadcast_to(mask, truth.masks.shape) for name, mask in constants.items()}
    given[PROMPT_ONLY] = prompt_masks(masks, prompts, truth.prompts, truth.judge.ontology)
    tables = {}
    for name, predicted in given.items():
        predicted = predicted.astype(bool)
        rows = score_masks(predicted, truth.masks, metrics=run.suite.score.metrics)
        verdicts = truth.judge.rows(predicted, truth.prompts, truth.cache_rows)
        rows = rows.assign(**{column: verdicts[column].to_numpy() for column in verdicts})
        tables[name] = fill_empty(rows, run.suite.score.empty).assign(seed=0, image=truth.names)
    return tables


def prompt_masks(masks: NDArray[np.bool_], prompts: list[str], wanted: list[str], ontology: str) -> NDArray[np.bool_]:
    """(M, S, S) for each of M prompts the mean of the masks (N, S, S) whose prompts, N texts, state the same."""
    rows_of: dict[object, list[int]] = {}
    for row, text in enumerate(prompts):
        rows_of.setdefault(parse(text, ontology).reading, []).append(row)
    of_all = constant_masks(masks)["mean mask"]
    mean_of: dict[object, NDArray] = {}
    out = np.empty((len(wanted), *masks.shape[1:]), bool)
    for i, text in enumerate(wanted):
        reading = parse(text, ontology).reading
        if reading not in mean_of:
            rows = rows_of.get(reading)
            mean_of[reading] = constant_masks(masks[rows])["mean mask"] if rows else of_all
        out[i] = mean_of[reading]
    return out
