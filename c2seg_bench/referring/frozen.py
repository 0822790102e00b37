"""The examples of a run, written once for all methods and seeds: one JSON file per dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.errors import InputError
from c2seg_bench.files import read_json, write_json
from c2seg_bench.referring.dataset import survey_rows
from c2seg_bench.referring.example import Example, Refusal, Survey
from c2seg_bench.rundir import Condition
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import digest

VERSION = 1  # raise it where a change of the code makes other examples: they are written again


@dataclass(frozen=True)
class Frozen:
    """The examples of one dataset, with rows of its cache.

    Args:
        by_condition: the k-th example of each picture and kind is under the condition KIND-k.
        refusals: pictures that admit none of a kind, by row of the cache.
        rows: (n,) rows of the cache that were looked at.
        digest: of all that is above.
    """

    by_condition: dict[Condition, list[Example]]
    refusals: tuple[Refusal, ...]
    rows: NDArray[np.int64]
    digest: str

    @property
    def prompts(self) -> list[str]:
        return [example.prompt for examples in self.by_condition.values() for example in examples]


def freeze(
    path: Path, cache: Cache, judge: Judge, rows: NDArray[np.int64], kinds: Sequence[str], limit: int | None
) -> Frozen:
    """The examples in the file if they are of these rows, kinds and judge; else new ones, written to it.

    Raises:
        InputError: the file was changed since it was written, or as `survey`.
    """
    key = digest(
        [
            VERSION,
            cache.manifest["source"],
            cache.split_hash("test"),
            judge.settings(),
            rows.tolist(),
            list(kinds),
            limit,
        ]
    )
    if (read_json(path) or {}).get("key") == key:
        return read_frozen(path, cache)
    names = list(cache.index["name"].iloc[rows])
    write_json(path, _stored(key, survey_rows(cache, judge, rows, kinds, limit), names))
    return read_frozen(path, cache)


def read_frozen(path: Path, cache: Cache) -> Frozen:
    """What `freeze` wrote.

    Raises:
        InputError: there is no file, it was changed since it was written, or it is of other pictures.
    """
    stored = read_json(path)
    if stored is None:
        raise InputError(f"{path}: no such file of edited prompts; c2seg-bench run writes it")
    try:
        if stored["digest"] != digest([stored["images"], stored["examples"], stored["refusals"]]):
            raise InputError(f"{path}: was changed since it was written; delete it, the run writes it again")
        row_of = {name: row for row, name in enumerate(cache.index["name"])}
        by_condition: dict[Condition, list[Example]] = {}
        for e in stored["examples"]:
            components = None if e["components"] is None else tuple(e["components"])
            example = Example(row_of[e["image"]], e["kind"], e["prompt"], e["flipped"], components)
            by_condition.setdefault(Condition(e["kind"], e["number"]), []).append(example)
        refusals = tuple(Refusal(row_of[r["image"]], r["kind"], r["reason"]) for r in stored["refusals"])
        rows = np.array([row_of[name] for name in stored["images"]], np.int64)
    except (KeyError, TypeError):
        raise InputError(f"{path}: is of other pictures or damaged; delete it, the run writes it again") from None
    return Frozen(by_condition, refusals, rows, stored["digest"])


def _stored(key: str, found: Survey, names: list[str]) -> dict[str, Any]:
    examples, numbers = [], dict[tuple[str, int], int]()
    for e in found.examples:
        number = numbers[e.kind, e.row] = numbers.get((e.kind, e.row), 0) + 1
        components = None if e.components is None else list(e.components)
        of_picture = {"image": names[e.row], "kind": e.kind, "number": number}
        examples.append({**of_picture, "prompt": e.prompt, "flipped": e.flipped, "components": components})
    refusals = [{"image": names[r.row], "kind": r.kind, "reason": r.reason} for r in found.refusals]
    content = digest([names, examples, refusals])
    return {"key": key, "digest": content, "images": names, "examples": examples, "refusals": refusals}
