"""What the files of a cell answer: digests of everything that decides its weights, its masks and its scores."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.device.device import uses_cuda
from c2seg_bench.engine.inputs.conditions import noise_hashes
from c2seg_bench.engine.inputs.follow_examples import examples_hash
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.inputs.referring import conditions_of_examples, referring_parts
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.request.code import referring_code, scoring_code, training_code
from c2seg_bench.files import read_object, write_json
from c2seg_bench.files.digests import digest
from c2seg_bench.scoring.conditions import SCORING_VERSION
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import AnyCell, Cell
from metrics.catalogue import DEFAULT


class Request(NamedTuple):
    """Digests of everything that decides a cell's masks (`request`), and of what else decides their scores."""

    request: str
    scoring: str


def training_parts(cell: Cell, inputs: CellInputs) -> dict[str, Any]:
    """What decides the cell's weights, by what it is."""
    follow = cell.suite.training(cell.method).follow
    return {
        "settings": cell.request(),
        "device": device_of(cell),
        "data": {split: inputs.cache.split_hash(split) for split in ("train", "val")},
        "encoder": f"{inputs.table.fingerprint} {inputs.table.spec}",
        "code": training_code(cell),
        **({"edits": examples_hash(cell.run.training_examples(cell.dataset))} if follow else {}),
    }


def device_of(cell: Cell) -> str:
    """`cpu` or `cuda`: as the suite says, or for `auto` where the cell was trained, else what this machine has."""
    if cell.suite.device != "auto":
        return cell.suite.device
    for path in (cell.files.checkpoint, cell.files.pretrained):
        if known := (checkpoint.metadata(path) or {}).get("device"):
            return str(known)
    return "cuda" if uses_cuda(cell.suite) else "cpu"


def fingerprint(cell: Cell, inputs: CellInputs) -> str:
    """Digest of everything that decides the cell's weights: settings, train and val images, text encoder, code."""
    return digest(training_parts(cell, inputs))


def pretraining_fingerprint(cell: Cell, inputs: CellInputs) -> str:
    """Digest of everything that decides the cell's pretrained weights: not the recipe of training, nor val."""
    parts = training_parts(cell, inputs)
    parts.pop("edits", None)
    return digest({**parts, "settings": cell.pretraining_request(), "data": parts["data"]["train"]})


def mask_parts(cell: Cell, inputs: CellInputs) -> dict[str, Any]:
    """What decides the cell's weights and masks, by what it is."""
    stress = cell.suite.stress
    parts = training_parts(cell, inputs)
    return {
        **parts,
        "data": {**parts["data"], "test": inputs.cache.split_hash("test")},
        "noise": {**stress.model_dump(), "conditions": list(map(str, stress.conditions()))},
        "noisy_prompts": noise_hashes(cell),
        **referring_parts(cell, inputs.cache),
    }


def parts_of(cell: Cell, inputs: CellInputs, judge: Judge) -> dict[str, Any]:
    """What decides the cell's weights, masks and scores, by what it is."""
    return {**mask_parts(cell, inputs), **scoring_parts(cell, judge)}


def scoring_parts(cell: AnyCell, judge: Judge) -> dict[str, Any]:
    """What decides the scores of given masks, by what it is."""
    code = {"scoring version": SCORING_VERSION, **scoring_code()}
    return {
        "judge": digest(judge.settings()),
        "metrics": [name for name in cell.suite.score.metrics if name not in DEFAULT],
        "scoring_code": code | referring_code() if cell.suite.referring else code,
    }


def scoring_digest(cell: AnyCell, judge: Judge) -> str:
    return digest(scoring_parts(cell, judge))


def request_of(cell: Cell, inputs: CellInputs, judge: Judge) -> Request:
    """What the suite asks of the cell now; `stored_request` says what the files in its folder answer."""
    return Request(digest(mask_parts(cell, inputs)), scoring_digest(cell, judge))


def write_record(cell: Cell, inputs: CellInputs, judge: Judge) -> None:
    """Record what the cell's files answer, in the parts that `run --explain` compares."""
    today = datetime.date.today().isoformat()
    request = request_of(cell, inputs, judge)
    write_json(cell.files.record, {**request._asdict(), "date": today, **parts_of(cell, inputs, judge)}, checksum=True)


def stored_request(cell: AnyCell) -> dict[str, Any]:
    """What `write_record` wrote; {} where nothing is recorded."""
    return read_object(cell.files.record) or {}


def is_current(cell: AnyCell, request: Request) -> bool:
    """Whether the cell's scores are there and answer the request, with the description of the weights they are of."""
    if isinstance(cell, Cell) and not cell.files.checkpoint.with_suffix(".json").exists():
        return False
    return cell.files.scores.exists() and stored_request(cell).items() >= request._asdict().items()


def has_predictions(cell: AnyCell, cache: Cache, request: Request) -> bool:
    """Whether the cell's masks are there and answer the request; their scores may answer another."""
    if stored_request(cell).get("request") != request.request:
        return False
    conditions = [*cell.suite.stress.conditions(), *conditions_of_examples(cell, cache)]
    return all(cell.files.predictions(condition).exists() for condition in conditions)


def discard_stale_scores(cell: Cell, request: Request) -> None:
    """Remove the scores of another request and their record, before a file that they are of is written over."""
    if stored_request(cell).get("request") != request.request:
        cell.files.record.unlink(missing_ok=True)
        cell.files.scores.unlink(missing_ok=True)
