"""All requests of a suite as files, for a model that runs on another machine."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.cell.outside_requests import image_reader, requests_of
from c2seg_bench.engine.grid.check import check_suite
from c2seg_bench.engine.grid.interruption import interruptible
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.files import only_one
from c2seg_bench.outside.pack import write_pack
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite


def pack_suite(suite: Suite, name: str, pack: Path, run: RunDir, console: Console, native: bool = False) -> int:
    """Write all requests of the suite into the folder `pack`. Returns the number of requests.

    Args:
        name: of the suite on the command line, for the README.
        run: where the prepared data is kept, and where `evaluate` finds it.
        native: images as they are in the dataset, instead of at the suite's size.
    """
    alone = suite.model_copy(update={"methods": []})
    check_suite(alone)
    kind = "native" if native else "suite"
    with only_one(run.out), interruptible(run.out, console):
        prepare_all(alone, run, console)
        caches = {dataset: Cache.open(run.data(dataset)) for dataset in suite.datasets}
        requests_and_caches = [(requests_of(suite, run, dataset, cache), cache) for dataset, cache in caches.items()]
        readers = {dataset: image_reader(suite, dataset, kind, cache) for dataset, cache in caches.items()}
        return write_pack(pack, name, requests_and_caches, lambda dataset, request: readers[dataset](request))
