"""Edited training prompts with a known mask: made once per dataset, and stored in a file that all cells read."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic
from c2seg_bench.files.digests import digest, sha256
from c2seg_bench.files.module_digests import module_digests
from c2seg_bench.referring import Example, survey_rows
from c2seg_bench.scoring.judge import Judge
from metrics.consistency.writer.grammar import has_grammar

KINDS = ("part", "nowhere", "mirrored")
PACKAGES = ("c2seg_bench.referring", "metrics.consistency")


def freeze_examples(path: Path, cache: Cache, judge: Judge, needed: Collection[str] = KINDS) -> list[Example]:
    """The examples in the file if it was made from this data and judge by this code; else new ones, written to it.

    If the ontology has a grammar, the file has every kind, so that it need not change when a recipe drops one.

    Args:
        needed: kinds of `KINDS` that some recipe uses.

    Returns:
        Examples of the training split; `row` is that of the cache.

    Raises:
        InputError: a needed kind has written prompts, and the dataset's ontology has no grammar.
    """
    kinds = KINDS if has_grammar(judge.ontology) else sorted(needed)
    code = module_digests(["c2seg_bench.referring"], PACKAGES)
    request = digest([cache.split_hash("train"), judge.settings(), kinds, code])
    if path.exists() and _lines(path)[0] == {"request": request}:
        return read_examples(path, cache)
    rows = cache.rows("train")
    surveyed = survey_rows(cache, judge, rows, kinds).examples
    examples = [replace(example, row=int(rows[example.row])) for example in surveyed]
    lines = [{"request": request}, *(_line(example, cache) for example in examples)]
    with atomic(path) as temporary:
        temporary.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return examples


def read_examples(path: Path, cache: Cache) -> list[Example]:
    """What `freeze_examples` wrote.

    Raises:
        InputError: there is no file, or a line is damaged or of another dataset; the message names the line.
    """
    rows, examples = {name: row for row, name in enumerate(cache.index["name"])}, []
    for number, line in enumerate(_lines(path)[1:], 2):
        try:
            image, components = line.pop("image"), line.pop("components")
            if image not in rows:
                raise ValueError(f"the dataset has no image {image}")
            components = None if components is None else tuple(components)
            examples.append(Example(row=rows[image], components=components, **line))
        except (ValueError, KeyError, TypeError) as e:
            raise _damaged(path, number, e) from None
    return examples


def examples_hash(path: Path) -> str:
    """sha256 of the edits; InputError if there is no file.

    The first line, which names the code that made the edits, is left out, because other code may make the same edits.
    """
    return sha256(_text(path).partition("\n")[2].encode())


def _line(example: Example, cache: Cache) -> dict[str, Any]:
    return {
        "image": cache.index["name"].iloc[example.row],
        "kind": example.kind,
        "prompt": example.prompt,
        "flipped": example.flipped,
        "components": example.components,
    }


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file of edited training prompts; c2seg-bench run writes it") from None


def _lines(path: Path) -> list[dict[str, Any]]:
    lines = []
    for number, line in enumerate(_text(path).removesuffix("\n").split("\n"), 1):  # not splitlines: prompts keep U+2028
        try:
            lines.append(json.loads(line))
            if not isinstance(lines[-1], dict):
                raise ValueError("not an object")
        except ValueError as e:
            raise _damaged(path, number, e) from None
    return lines


def _damaged(path: Path, number: int, error: Exception) -> InputError:
    return InputError(f"{path}: line {number}: {error}; delete the file, the run writes it again")
