"""Edited prompts with a known answer: made from the test split once per dataset, for all methods and seeds."""

from __future__ import annotations

from typing import Any

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.inputs.conditions import evenly_spaced
from c2seg_bench.referring.frozen import Frozen, freeze, read_frozen
from c2seg_bench.rundir import Condition, RunDir
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import AnyCell, Suite


def freeze_referring(suite: Suite, run: RunDir, dataset: str, cache: Cache) -> list[str]:
    """Write the examples of a dataset unless they exist. Returns their prompts; empty if the suite has no examples."""
    if suite.referring is None:
        return []
    rows = evenly_spaced(cache.rows("test"), suite.referring.images)
    judge = Judge.of_dataset(suite.datasets[dataset], cache)
    kinds, limit = suite.referring.kinds, suite.referring.per_image
    return freeze(run.referring(dataset), cache, judge, rows, kinds, limit).prompts


def frozen_examples(cell: AnyCell, cache: Cache) -> Frozen | None:
    """The examples that `freeze_referring` wrote for the cell's dataset; None if the suite has none."""
    return None if cell.suite.referring is None else read_frozen(cell.run.referring(cell.dataset), cache)


def referring_parts(cell: AnyCell, cache: Cache) -> dict[str, Any]:
    """The properties of the examples that decide the cell's masks; {} if the suite has none."""
    frozen = frozen_examples(cell, cache)
    return {} if frozen is None else {"referring": frozen.digest}


def conditions_of_examples(cell: AnyCell, cache: Cache) -> list[Condition]:
    """The conditions of examples for which the cell has masks; empty if the suite has no examples."""
    frozen = frozen_examples(cell, cache)
    return [] if frozen is None else list(frozen.by_condition)
