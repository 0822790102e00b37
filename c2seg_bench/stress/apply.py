"""A family applied to a test split, and the JSON lines that freeze the result."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from random import Random

import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic
from c2seg_bench.seeding import seed as named_seed
from c2seg_bench.stress.family import FAMILIES

COLUMNS = ("image", "clean", "prompt", "changed", "distance", "sha", "seed")


def perturb_prompts(names: list[str], prompts: list[str], family: str, severity: int, seed: int) -> pd.DataFrame:
    """Noisy prompts, one row per image: image, clean, prompt, changed (bool), distance (Levenshtein), sha, seed.

    The noise of an image depends on (seed, family, severity, image) alone; other images only form the pool that
    `other_prompt` draws from.
    """
    chosen, pool, rows = FAMILIES[family], sorted(set(prompts)), []
    for name, clean in zip(names, prompts, strict=True):
        prompt = chosen.perturb(clean, severity, Random(named_seed(seed, family, severity, name)), pool)
        sha = hashlib.sha256(prompt.encode()).hexdigest()[:16]
        rows.append((name, clean, prompt, prompt != clean, levenshtein(clean, prompt), sha, seed))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def frozen_prompts(
    path: Path, names: list[str], prompts: list[str], family: str, severity: int, seed: int
) -> pd.DataFrame:
    """The file's noisy prompts where it has those of these images, prompts and seed; else new ones, which it then has.

    Raises:
        InputError: a line of the file is not as it was written.
    """
    if path.exists():
        known = read_prompts(path)
        asked = [list(names), list(prompts), [seed] * len(names)]
        if [list(known[column]) for column in ("image", "clean", "seed")] == asked:
            return known
    table = perturb_prompts(names, prompts, family, severity, seed)
    write_prompts(path, table)
    return table


def write_prompts(path: Path, table: pd.DataFrame) -> None:
    """One JSON object a line, in the order of the table."""
    with atomic(path) as temporary:
        lines = (json.dumps(row, ensure_ascii=False) for row in table.to_dict("records"))
        temporary.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def read_prompts(path: Path) -> pd.DataFrame:
    """What `write_prompts` left; InputError names the file and line that is not as it was."""
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")  # a prompt may hold other line ends
    except FileNotFoundError:
        raise InputError(f"{path}: no such file of noisy prompts; c2seg-bench run writes it") from None
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if hashlib.sha256(row["prompt"].encode()).hexdigest()[:16] != row["sha"]:
                raise ValueError("the prompt is not the one that was hashed")
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise InputError(f"{path}: line {number}: {e}; delete the file, the run writes it again") from None
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def levenshtein(a: str, b: str) -> int:
    """Least number of inserted, deleted and replaced characters that makes b of a."""
    from spacy.matcher.levenshtein import levenshtein as distance

    return distance(a, b)
