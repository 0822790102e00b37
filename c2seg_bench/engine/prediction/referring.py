"""Masks and scores of edited prompts with a known answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from baselines.contract import Method
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.masks.packed import PackedMasks, load_masks, save_masks
from c2seg_bench.engine.inputs.referring import frozen_examples
from c2seg_bench.files import DamagedFile
from c2seg_bench.referring import Example
from c2seg_bench.referring.frozen import Frozen
from c2seg_bench.referring.score import score_examples
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import AnyCell, Cell

if TYPE_CHECKING:
    from c2seg_bench.engine.inputs.inputs import CellInputs


def unflipped(frozen: Frozen | None) -> dict[Condition, list[Example]]:
    """The conditions whose images are not flipped."""
    by_condition = {} if frozen is None else frozen.by_condition
    return {condition: examples for condition, examples in by_condition.items() if not examples[0].flipped}


def prompt_rows_of(inputs: CellInputs, examples: Sequence[Example], rows: np.ndarray) -> np.ndarray:
    """(n,) rows of the prompt table for n rows of the cache: the example's prompt if an image has one, else its own.

    The masks of the latter cost nothing, because each image is decoded under its own prompt anyway.
    """
    chosen = inputs.prompt_rows[rows]
    place = {int(row): k for k, row in enumerate(rows)}
    texts = inputs.table.rows([example.prompt for example in examples])
    chosen[[place[example.row] for example in examples]] = texts
    return chosen


def save_examples(
    cell: Cell,
    cache: Cache,
    rows: np.ndarray,
    by_condition: dict[Condition, list[Example]],
    masks: dict[Condition, PackedMasks],
) -> None:
    """Write the masks of the images that have an example, one file per condition, in the order of the examples."""
    names, place = cache.index["name"].to_numpy(), {int(row): k for k, row in enumerate(rows)}
    for condition, examples in by_condition.items():
        packed, of_row = masks[condition], [example.row for example in examples]
        own = PackedMasks(packed.bits[[place[row] for row in of_row]], packed.shape)
        save_masks(cell.files.predictions(condition), list(names[of_row]), own)


def predict_flipped(model: Method, cell: Cell, inputs: CellInputs, frozen: Frozen | None, fabric: Any) -> None:
    """Write the masks of the flipped images, which are encoded once for all of their prompts."""
    from c2seg_bench.engine.prediction.predict import predict

    by_condition = {} if frozen is None else frozen.by_condition
    by_condition = {condition: examples for condition, examples in by_condition.items() if examples[0].flipped}
    if not by_condition:
        return
    rows = np.unique([example.row for examples in by_condition.values() for example in examples])
    prompts = {condition: prompt_rows_of(inputs, examples, rows) for condition, examples in by_condition.items()}
    of_rows = flipped_inputs(inputs, rows)
    masks = predict(
        model, of_rows, np.arange(len(rows)), prompts, fabric, batch=cell.suite.predict_batch, cell=cell.title
    )
    save_examples(cell, inputs.cache, rows, by_condition, masks)


def flipped_inputs(inputs: CellInputs, rows: np.ndarray) -> CellInputs:
    """These images alone, flipped left to right; the prompt table is the same."""
    cache = inputs.cache
    images, masks = (np.ascontiguousarray(array[rows][:, :, ::-1]) for array in (cache.images, cache.masks))
    some = replace(cache, images=images, masks=masks, index=cache.index.iloc[rows].reset_index(drop=True))
    return type(inputs)(some, inputs.table, inputs.prompt_rows[rows])


def score_of_examples(cell: AnyCell, cache: Cache, judge: Judge) -> list[pd.DataFrame]:
    """The score rows of every condition of the examples; empty if the suite has none."""
    frozen = frozen_examples(cell, cache)
    if frozen is None:
        return []
    names, masks = load_masks(cell.files.predictions(CLEAN))
    row_of = {name: row for row, name in enumerate(cache.index["name"])}
    clean = {row_of[name]: mask for name, mask in zip(names, masks, strict=True)}
    tables = []
    for condition, examples in frozen.by_condition.items():
        path = cell.files.predictions(condition)
        images, predicted = load_masks(path)
        if images != [cache.index["name"].iloc[example.row] for example in examples]:
            raise DamagedFile(path, "its images are not those of the edited prompts")
        further = cell.suite.score.metrics
        tables.append(score_examples(condition, examples, predicted, clean, cache, judge, further))
    return tables
