"""One cell from start to scores. A step runs only where the files that it left do not answer the same request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from baselines.contract import Method
from c2seg_bench.data.cache import Cache
from c2seg_bench.data.packed import load_masks, save_masks
from c2seg_bench.engine import checkpoint
from c2seg_bench.engine.conditions import noise_hashes, predicted_rows, prompt_rows, prompts_of
from c2seg_bench.engine.device import launch
from c2seg_bench.engine.inputs import CellInputs
from c2seg_bench.engine.predict import predict
from c2seg_bench.engine.progress import Progress
from c2seg_bench.engine.train import build, fingerprint, train
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic, read_json, write_json
from c2seg_bench.rundir import CLEAN
from c2seg_bench.scoring.conditions import SCORING_VERSION, Predicted, score_conditions
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import AnyCell, Cell, digest
from metrics.catalogue import DEFAULT


class Request(NamedTuple):
    """Digests of everything that decides a cell's masks (`request`), and of what else decides their scores."""

    request: str
    scoring: str


def run_cell(cell: Cell) -> Path:
    """Train, predict under every condition, score. Returns the path of the cell's scores."""
    inputs = open_inputs(cell)
    judge = open_judge(cell, inputs)
    request = request_of(cell, inputs, judge)
    if is_current(cell, request):
        return cell.files.scores
    if not has_predictions(cell, request):
        fabric = launch(cell.suite)
        predict_cell(cell, inputs, request, fabric, train_cell(cell, inputs, request, fabric))
    score_cell(cell, inputs.cache, judge)
    write_json(cell.files.record, {**request._asdict(), **cell.request()})
    return cell.files.scores


def open_inputs(cell: Cell) -> CellInputs:
    return CellInputs.open(cell.run.data(cell.dataset), cell.run.text(cell.text))


def open_judge(cell: Cell, inputs: CellInputs) -> Judge:
    return Judge.of_dataset(cell.suite.datasets[cell.dataset], inputs.cache)


def request_of(cell: Cell, inputs: CellInputs, judge: Judge) -> Request:
    """What the suite asks of the cell now; `stored_request` says what the files in its folder answer."""
    stress = cell.suite.stress
    masks = [fingerprint(cell, inputs), stress.conditions(), stress.model_dump(), noise_hashes(cell)]
    return Request(digest(masks), scoring_digest(cell, judge))


def scoring_digest(cell: AnyCell, judge: Judge) -> str:
    """Of everything that decides the scores of given masks."""
    added = [name for name in cell.suite.score.metrics if name not in DEFAULT]
    return digest([SCORING_VERSION, *judge.settings(), *([added] if added else [])])


def stored_request(cell: AnyCell) -> dict[str, Any]:
    """What the masks and scores in the cell's folder answer, {} where nothing is recorded."""
    return read_json(cell.files.record) or {}


def is_current(cell: AnyCell, request: Request) -> bool:
    """Whether the cell's scores are there and answer the request."""
    return cell.files.scores.exists() and stored_request(cell).items() >= request._asdict().items()


def has_predictions(cell: AnyCell, request: Request) -> bool:
    """Whether the cell's masks are there and answer the request; their scores may answer another."""
    paths = [cell.files.predictions(condition) for condition in cell.suite.stress.conditions()]
    return stored_request(cell).get("request") == request.request and all(path.exists() for path in paths)


def train_cell(cell: Cell, inputs: CellInputs, request: Request, fabric: Any) -> Method:
    """The trained method, from the checkpoint where there is one of the same request."""
    _discard_stale_record(cell, request)
    return train(cell, inputs, fabric)


def load_trained(cell: Cell, inputs: CellInputs, fabric: Any) -> Method:
    """The method with the weights of its checkpoint; InputError where it is unfinished or of another request."""
    stored, path = checkpoint.metadata(cell.files.checkpoint), cell.files.checkpoint.with_suffix(".json")
    if stored and stored["request"] != fingerprint(cell, inputs):
        raise InputError(
            f"{path}: trained with other settings, data or text than the suite asks for; "
            "train the cell again (c2seg-bench train)"
        )
    if stored and not stored["finished"]:
        raise InputError(f"{path}: training has not ended; train the cell to its end (c2seg-bench train)")
    model = build(cell, inputs)
    checkpoint.load(cell.files.checkpoint, model)
    return model.to(fabric.device)


def predict_cell(cell: Cell, inputs: CellInputs, request: Request, fabric: Any, model: Method) -> list[Path]:
    """Masks of the test split, one packed file per condition. Returns their paths."""
    _discard_stale_record(cell, request)
    conditions, cache = cell.suite.stress.conditions(), inputs.cache
    all_rows, swept = (predicted_rows(cell.suite, cache, condition) for condition in (CLEAN, conditions[-1]))
    fewer = len(swept) < len(all_rows)
    prompts = {condition: prompt_rows(cell, inputs, condition, swept) for condition in conditions}
    progress = Progress(cell.folder, "predict", len(all_rows) + (len(swept) if fewer else 0))
    masks = predict(model, inputs, swept, prompts, fabric, progress=progress)
    if fewer:
        masks |= predict(model, inputs, all_rows, {CLEAN: inputs.prompt_rows[all_rows]}, fabric)
    names = cache.index["name"].to_numpy()
    for condition, packed in masks.items():
        rows = predicted_rows(cell.suite, cache, condition)
        save_masks(cell.files.predictions(condition), list(names[rows]), packed)
    return [cell.files.predictions(condition) for condition in masks]


def _discard_stale_record(cell: Cell, request: Request) -> None:
    """Remove the record of files that answer another request, because one of them is about to be written over."""
    if stored_request(cell).get("request") != request.request:
        cell.files.record.unlink(missing_ok=True)


def score_cell(cell: AnyCell, cache: Cache, judge: Judge) -> None:
    """Write the cell's scores: one row per image and condition. Verdicts are against the clean prompt."""
    scores = score_conditions(_predictions(cell, cache), cache, judge, cell.suite.score.metrics)
    for column, value in (("seed", cell.seed), ("method", cell.method.label), ("dataset", cell.dataset)):
        scores.insert(0, column, value)
    with atomic(cell.files.scores) as temporary:
        scores.to_parquet(temporary, index=False)


def _predictions(cell: AnyCell, cache: Cache) -> Iterator[Predicted]:
    """The cell's masks, one condition at a time: a sweep may not fit into memory."""
    row_by_name = {name: row for row, name in enumerate(cache.index["name"])}
    conditions = cell.suite.stress.conditions()
    progress = Progress(cell.folder, "score", len(conditions))
    for done, condition in enumerate(conditions):
        names, masks = load_masks(cell.files.predictions(condition))
        rows = np.array([row_by_name[name] for name in names])
        prompts = prompts_of(cell.run, cell.dataset, cache, condition, rows)
        yield Predicted(condition, rows, masks, prompts)
        progress.step(done + 1)
