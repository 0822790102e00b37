"""The prompts of the test split under every condition, written once per dataset for all methods and seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.errors import InputError
from c2seg_bench.files.digests import sha256
from c2seg_bench.rundir import CLEAN, Condition, RunDir
from c2seg_bench.stress.noisy_prompts import frozen_prompts, read_prompts
from c2seg_bench.suite import AnyCell, Cell, Suite

if TYPE_CHECKING:
    from c2seg_bench.engine.inputs.inputs import CellInputs


def predicted_rows(suite: Suite, cache: Cache, condition: Condition) -> np.ndarray:
    """(n,) rows of the cache that are predicted: the test split, or evenly spaced ones of it for a smaller sweep."""
    rows = cache.rows("test")
    return rows if condition == CLEAN else evenly_spaced(rows, suite.stress.images)


def evenly_spaced(rows: np.ndarray, n: int | None) -> np.ndarray:
    """n of the rows, evenly spaced; all of them if n is None or larger."""
    return rows if n is None or n >= len(rows) else rows[np.arange(n) * len(rows) // n]


def freeze_noise(suite: Suite, run: RunDir, dataset: str, cache: Cache) -> list[str]:
    """Write the noisy prompts unless they exist. Returns all of them."""
    seed = min(suite.seeds)  # whatever their order in the file
    prompts: list[str] = []
    for condition in suite.stress.conditions()[1:]:
        rows = predicted_rows(suite, cache, condition)
        names, clean = (list(cache.index[column].iloc[rows]) for column in ("name", "prompt"))
        path = run.noisy_prompts(dataset, condition)
        prompts += list(frozen_prompts(path, names, clean, condition.family, condition.severity, seed)["prompt"])
    return prompts


def prompts_of(run: RunDir, dataset: str, cache: Cache, condition: Condition, rows: np.ndarray) -> list[str]:
    """The prompts of n rows of the cache under a condition; InputError if a frozen file lacks one."""
    if condition == CLEAN:
        return list(cache.index["prompt"].iloc[rows])
    path = run.noisy_prompts(dataset, condition)
    prompt_by_image = read_prompts(path).set_index("image")["prompt"]
    names = cache.index["name"].iloc[rows]
    missing = [name for name in names if name not in prompt_by_image.index]
    if missing:
        raise InputError(f"{path}: no prompt for {missing[0]}; run the suite again, which rewrites the file")
    return list(prompt_by_image.loc[names])


def prompt_rows(cell: Cell, inputs: CellInputs, condition: Condition, rows: np.ndarray) -> np.ndarray:
    """(n,) rows of the prompt table for n rows of the cache."""
    if condition == CLEAN:
        return inputs.prompt_rows[rows]
    return inputs.table.rows(prompts_of(cell.run, cell.dataset, inputs.cache, condition, rows))


def noise_hashes(cell: AnyCell) -> list[str]:
    """sha256 of each file of noisy prompts."""
    paths = [cell.run.noisy_prompts(cell.dataset, condition) for condition in cell.suite.stress.conditions()[1:]]
    return [sha256(path.read_bytes()) for path in paths]
