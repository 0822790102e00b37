"""Words split in two or run together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.edit_words import edit_words
from c2seg_bench.stress.family import family
from c2seg_bench.stress.severity import words_to_edit


@family(
    "split",
    "kept",
    "a word written as two",
    "Bilateral pulmonary infec tion, two infected areas, upper left lung and lower right lung",
    "every letter",
)
def split(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """At least two letters from either end."""

    def edit(word: str, u: float, v: float) -> str:
        i = 2 + int(u * (len(word) - 3))
        return f"{word[:i]} {word[i:]}"

    return edit_words(text, severity, random, edit)


@family(
    "merge",
    "kept",
    "two words written as one",
    "Bilateral pulmonary infection, two infected areas, upper leftlung and lower right lung",
    "every letter",
)
def merge(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Removes a space for each of the severity's share of words."""
    spaces = [m.start() for m in re.finditer(r"(?<=\w) (?=\w)", text)]
    count = min(len(spaces), words_to_edit(text, severity))
    removed = set(random.sample(spaces, count)) if spaces else set()
    return "".join(c for i, c in enumerate(text) if i not in removed)
