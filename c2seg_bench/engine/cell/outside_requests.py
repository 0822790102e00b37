"""The requests of a suite to a model that was trained elsewhere, and the images that it gets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.source import list_records
from c2seg_bench.engine.inputs.conditions import predicted_rows, prompts_of
from c2seg_bench.errors import InputError
from c2seg_bench.files import user_path
from c2seg_bench.outside.requests import Request, Requests, Wording
from c2seg_bench.referring.frozen import read_frozen
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite

ReadImage = Callable[[Request], np.ndarray]  # -> (H, W, 3) uint8


def requests_of(suite: Suite, run: RunDir, dataset: str, cache: Cache) -> Requests:
    """Every distinct image and prompt of a dataset under all conditions, those with a known answer last."""
    wordings = []
    for condition in suite.stress.conditions():
        rows = predicted_rows(suite, cache, condition)
        wordings.append(Wording(condition, rows, prompts_of(run, dataset, cache, condition, rows)))
    frozen = None if suite.referring is None else read_frozen(run.referring(dataset), cache)
    for condition, examples in (frozen.by_condition if frozen else {}).items():
        rows, prompts = np.array([e.row for e in examples]), [e.prompt for e in examples]
        wordings.append(Wording(condition, rows, prompts, examples[0].flipped))
    return Requests(dataset, cache, wordings)


def image_reader(suite: Suite, dataset: str, kind: str, cache: Cache) -> ReadImage:
    """The images at the suite's size, or as the dataset has them (`native`); the model may write into them."""
    if kind == "suite":
        return lambda request: turned(cache.images[request.row], request)
    entry = suite.datasets[dataset]
    root = user_path(entry.root, "root") if entry.root else None
    records = list_records(entry.source, root, entry.size, **entry.options)
    if [record.name for record in records] != list(cache.index["name"]):
        raise InputError(f"datasets.{dataset}: its files changed since they were prepared; run the suite again")
    return lambda request: turned(records[request.row].load()[0], request)


def turned(image: np.ndarray, request: Request) -> np.ndarray:
    """A copy of the image (H, W, 3), flipped left to right if the request says so."""
    return np.array(image[:, ::-1] if request.flipped else image)


def cache_size(cache: Cache) -> int:
    return int(cache.images.shape[1])
