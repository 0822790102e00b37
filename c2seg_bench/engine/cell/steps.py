"""One cell from start to scores. A step is skipped if its files already match the request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.contract import Method
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.masks.packed import load_masks, save_masks
from c2seg_bench.engine.device.device import launch
from c2seg_bench.engine.display.progress import Progress
from c2seg_bench.engine.inputs.conditions import predicted_rows, prompt_rows, prompts_of
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.inputs.referring import conditions_of_examples, frozen_examples
from c2seg_bench.engine.prediction.predict import predict
from c2seg_bench.engine.prediction.referring import (
    predict_flipped,
    prompt_rows_of,
    save_examples,
    score_of_examples,
    unflipped,
)
from c2seg_bench.engine.request.request import (
    Request,
    checkpoint,
    discard_stale_scores,
    fingerprint,
    has_predictions,
    is_current,
    request_of,
    write_record,
)
from c2seg_bench.engine.training.build import build
from c2seg_bench.engine.training.train import train
from c2seg_bench.errors import InputError
from c2seg_bench.files import DamagedFile, atomic
from c2seg_bench.rundir import CLEAN
from c2seg_bench.scoring.conditions import Predicted, score_conditions
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import AnyCell, Cell, score_key


def run_cell(cell: Cell) -> Path:
    """Train, predict under every condition, score. Returns the path of the cell's scores."""
    inputs = open_inputs(cell)
    judge = open_judge(cell, inputs)
    request = request_of(cell, inputs, judge)
    if is_current(cell, request):
        return cell.files.scores
    if not has_predictions(cell, inputs.cache, request):
        fabric = launch(cell.suite)
        predict_cell(cell, inputs, request, fabric, train_cell(cell, inputs, request, fabric))
    score_cell(cell, inputs.cache, request, judge)
    write_record(cell, inputs, judge)
    return cell.files.scores


def open_inputs(cell: Cell) -> CellInputs:
    return CellInputs.open(cell.run.data(cell.dataset), cell.run.text(cell.text))


def open_judge(cell: Cell, inputs: CellInputs) -> Judge:
    return Judge.of_dataset(cell.suite.datasets[cell.dataset], inputs.cache)


class CellOpener:
    """Opens the inputs of cells; for cells in the order of `order`, each dataset and prompt table is opened once."""

    def __init__(self) -> None:
        self._opened: tuple[tuple[str, str], CellInputs, Judge] | None = None  # the last one: a prompt table is large

    @staticmethod
    def order(cell: AnyCell) -> tuple[str, str]:
        return cell.dataset, cell.text if isinstance(cell, Cell) else ""

    def __call__(self, cell: Cell) -> tuple[CellInputs, Judge]:
        if self._opened is None or self._opened[0] != self.order(cell):
            inputs = open_inputs(cell)
            self._opened = self.order(cell), inputs, open_judge(cell, inputs)
        return self._opened[1:]


def train_cell(cell: Cell, inputs: CellInputs, request: Request, fabric: Any) -> Method:
    """The trained method, loaded from the checkpoint if that is of the same request."""
    discard_stale_scores(cell, request)
    return train(cell, inputs, fabric)


def load_trained(cell: Cell, inputs: CellInputs, fabric: Any) -> Method:
    """The method with the weights of its checkpoint; InputError if it is unfinished or of another request."""
    stored, path = checkpoint.metadata(cell.files.checkpoint), cell.files.checkpoint.with_suffix(".json")
    if stored and stored["request"] != fingerprint(cell, inputs):
        raise InputError(
            f"{path}: trained with other settings, data or text than the suite requests; "
            "train the cell again (c2seg-bench train)"
        )
    if stored and not stored["finished"]:
        raise InputError(f"{path}: training has not ended; train the cell to its end (c2seg-bench train)")
    model = build(cell, inputs)
    checkpoint.load(cell.files.checkpoint, model)
    return model.to(fabric.device)


def predict_cell(cell: Cell, inputs: CellInputs, request: Request, fabric: Any, model: Method) -> list[Path]:
    """Write the masks of the test split, one packed file per condition. Returns their paths."""
    discard_stale_scores(cell, request)
    conditions, cache = cell.suite.stress.conditions(), inputs.cache
    all_rows, swept = (predicted_rows(cell.suite, cache, condition) for condition in (CLEAN, conditions[-1]))
    frozen = frozen_examples(cell, cache)
    examples_of = unflipped(frozen)
    prompts = {condition: prompt_rows(cell, inputs, condition, swept) for condition in conditions}
    of_all = {condition: prompt_rows_of(inputs, examples, all_rows) for condition, examples in examples_of.items()}
    of_all[CLEAN] = inputs.prompt_rows[all_rows]
    options: dict[str, Any] = {"batch": cell.suite.predict_batch, "cell": cell.title}
    if len(swept) < len(all_rows):
        progress = Progress(cell.folder, "predict", len(all_rows) + len(swept))
        masks = predict(model, inputs, swept, prompts, fabric, progress=progress, **options)
        masks |= predict(model, inputs, all_rows, of_all, fabric, **options)
    else:
        progress = Progress(cell.folder, "predict", len(all_rows))
        masks = predict(model, inputs, all_rows, prompts | of_all, fabric, progress=progress, **options)
    names = cache.index["name"].to_numpy()
    for condition in conditions:
        rows = predicted_rows(cell.suite, cache, condition)
        save_masks(cell.files.predictions(condition), list(names[rows]), masks[condition])
    save_examples(cell, cache, all_rows, examples_of, masks)
    predict_flipped(model, cell, inputs, frozen, fabric)
    return [cell.files.predictions(condition) for condition in [*conditions, *conditions_of_examples(cell, cache)]]


def score_cell(cell: AnyCell, cache: Cache, request: Request, judge: Judge) -> None:
    """Write the cell's scores: one row per image and condition. Verdicts are against the clean prompt."""
    scores = score_conditions(_predictions(cell, cache), cache, judge, cell.suite.score.metrics)
    scores = pd.concat([scores, *score_of_examples(cell, cache, judge)], ignore_index=True)
    for column, value in (("seed", cell.seed), ("method", cell.method.label), ("dataset", cell.dataset)):
        scores.insert(0, column, value)
    scores["request"] = score_key(*request)
    with atomic(cell.files.scores, checksum=True) as temporary:
        scores.to_parquet(temporary, index=False)


def _predictions(cell: AnyCell, cache: Cache) -> Iterator[Predicted]:
    """The cell's masks, one condition at a time, because a sweep may not fit into memory."""
    conditions = cell.suite.stress.conditions()
    progress = Progress(cell.folder, "score", len(conditions))
    for done, condition in enumerate(conditions):
        path, rows = cell.files.predictions(condition), predicted_rows(cell.suite, cache, condition)
        names, masks = load_masks(path)
        if names != list(cache.index["name"].iloc[rows]) or masks.shape[1:] != cache.masks.shape[1:]:
            raise DamagedFile(path, "its images are not those of the test split")
        prompts = prompts_of(cell.run, cell.dataset, cache, condition, rows)
        yield Predicted(condition, rows, masks, prompts)
        progress.step(done + 1)
