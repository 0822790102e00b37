"""The noisy prompts of a test split, and the file of JSON lines that freezes them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from random import Random

import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.files import DamagedFile, atomic, set_aside
from c2seg_bench.seeding import seed as named_seed
from c2seg_bench.stress.edit_distance import levenshtein
from c2seg_bench.stress.family import FAMILIES
from metrics.texts import check_prompt

COLUMNS = ("image", "clean", "prompt", "changed", "distance", "sha", "seed")


def perturb_prompts(names: list[str], prompts: list[str], family: str, severity: int, seed: int) -> pd.DataFrame:
    """The noisy prompts of a split.

    The noise of an image depends only on the seed, the family, the severity and the image's name. The other images'
    prompts are the pool that `other_prompt` draws from.

    Returns:
        One row per image: `image`, `clean`, `prompt`, `changed` (bool), `distance` (Levenshtein, in characters), `sha`
        of the noisy prompt, `seed`.

    Raises:
        InputError: an unknown family or severity, or a prompt that is not text; the message names its image.
    """
    for name, prompt in zip(names, prompts, strict=True):
        check_prompt(prompt, f"image {name}: prompt")
    noise, pool, rows = FAMILIES[family], sorted(set(prompts)), []
    for name, clean in zip(names, prompts, strict=True):
        prompt = noise.perturb(clean, severity, Random(named_seed(seed, family, severity, name)), pool)
        rows.append((name, clean, prompt, prompt != clean, levenshtein(clean, prompt), prompt_sha(prompt), seed))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def frozen_prompts(
    path: Path, names: list[str], prompts: list[str], family: str, severity: int, seed: int
) -> pd.DataFrame:
    """Read the file if it was made from these images, prompts and seed; otherwise make the prompts and write it.

    A file with a line that was changed since it was written is set aside. Arguments, result and errors as in
    `perturb_prompts`.
    """
    if path.exists():
        try:
            frozen = read_prompts(path)
        except DamagedFile as e:
            set_aside(path, e.reason)
        else:
            expected = [list(names), list(prompts), [seed] * len(names)]
            if [list(frozen[column]) for column in ("image", "clean", "seed")] == expected:
                return frozen
    table = perturb_prompts(names, prompts, family, severity, seed)
    write_prompts(path, table)
    return table


def write_prompts(path: Path, table: pd.DataFrame) -> None:
    """Write one JSON object per line, in the order of the table."""
    with atomic(path) as temporary:
        lines = (json.dumps(row, ensure_ascii=False) for row in table.to_dict("records"))
        temporary.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def read_prompts(path: Path) -> pd.DataFrame:
    """The table that `write_prompts` wrote.

    Raises:
        InputError: there is no file, or a line has changed since it was written; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")  # a replaced byte changes the line's hash
    except FileNotFoundError:
        raise InputError(f"{path}: no such file of noisy prompts; c2seg-bench run writes it") from None
    rows = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):  # not splitlines: prompts keep U+2028
        try:
            row = json.loads(line)
            if prompt_sha(row["prompt"]) != row["sha"]:
                raise ValueError("the prompt does not match its hash")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
            raise DamagedFile(path, f"line {number}: {e}") from None
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def prompt_sha(prompt: str) -> str:
    """The first 16 hexadecimal digits of the prompt's sha256."""
    return hashlib.sha256(prompt.encode()).hexdigest()[:16]
