"""The file of a run's examples: one JSON file per dataset, written once for all methods and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.errors import InputError
from c2seg_bench.files import read_object, write_json
from c2seg_bench.files.digests import digest
from c2seg_bench.referring.dataset import survey_rows
from c2seg_bench.referring.example import Example, Refusal, Survey
from c2seg_bench.rundir import Condition
from c2seg_bench.scoring.judge import Judge

VERSION = 1  # raise it if a change of the code changes the examples, so that they are written again


@dataclass(frozen=True)
class Frozen:
    """The stored examples of one dataset; rows are those of its cache.

    Args:
        by_condition: condition KIND-k has the k-th example of each image.
        refusals: images without an example of a kind.
        rows: (n,) rows of the cache that were surveyed.
        digest: of the fields above.
    """

    by_condition: dict[Condition, list[Example]]
    refusals: tuple[Refusal, ...]
    rows: NDArray[np.int64]
    digest: str

    @property
    def prompts(self) -> list[str]:
        """The edited prompts of all examples."""
        return [example.prompt for examples in self.by_condition.values() for example in examples]


def freeze(
    path: Path, cache: Cache, judge: Judge, rows: NDArray[np.int64], kinds: Sequence[str], limit: int | None
) -> Frozen:
    """Read the file if it was made for these arguments; otherwise survey the images and write it.

    Args:
        path: of the file.
        cache, judge, rows, kinds, limit: as in `survey_rows`.

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
    if (read_object(path) or {}).get("key") == key:
        return read_frozen(path, cache)
    names = list(cache.index["name"].iloc[rows])
    write_json(path, _to_json(key, survey_rows(cache, judge, rows, kinds, limit), names))
    return read_frozen(path, cache)


def read_frozen(path: Path, cache: Cache) -> Frozen:
    """The examples that `freeze` wrote.

    Raises:
        InputError: there is no file, it was changed since it was written, or it belongs to other images.
    """
    stored = read_object(path)
    if stored is None:
        raise InputError(f"{path}: no such file of edited prompts; c2seg-bench run writes it")
    try:
        if stored["digest"] != digest([stored["images"], stored["examples"], stored["refusals"]]):
            raise InputError(f"{path}: was changed since it was written; delete it, the run writes it again")
        row_of = {name: row for row, name in enumerate(cache.index["name"])}
        by_condition: dict[Condition, list[Example]] = {}
        for item in stored["examples"]:
            components = None if item["components"] is None else tuple(item["components"])
            example = Example(row_of[item["image"]], item["kind"], item["prompt"], item["flipped"], components)
            by_condition.setdefault(Condition(item["kind"], item["number"]), []).append(example)
        refusals = tuple(Refusal(row_of[item["image"]], item["kind"], item["reason"]) for item in stored["refusals"])
        rows = np.array([row_of[name] for name in stored["images"]], np.int64)
    except (KeyError, TypeError):
        raise InputError(f"{path}: damaged, or of other images; delete it, the run writes it again") from None
    return Frozen(by_condition, refusals, rows, stored["digest"])


def _to_json(key: str, survey: Survey, names: list[str]) -> dict[str, Any]:
    """The content of the file; `names` are the images', by row of the survey."""
    examples = []
    count_by_kind_and_row: dict[tuple[str, int], int] = {}
    for e in survey.examples:
        number = count_by_kind_and_row[e.kind, e.row] = count_by_kind_and_row.get((e.kind, e.row), 0) + 1
        examples.append(
            {
                "image": names[e.row],
                "kind": e.kind,
                "number": number,
                "prompt": e.prompt,
                "flipped": e.flipped,
                "components": None if e.components is None else list(e.components),
            }
        )
    refusals = [{"image": names[r.row], "kind": r.kind, "reason": r.reason} for r in survey.refusals]
    content = digest([names, examples, refusals])
    return {"key": key, "digest": content, "images": names, "examples": examples, "refusals": refusals}
