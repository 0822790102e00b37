"""Words in capitals."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.edit_words import edit_words
from c2seg_bench.stress.family import family


@family(
    "case",
    "kept",
    "words in capitals",
    "Bilateral pulmonary infection, two INFECTED areas, upper left lung and lower right lung",
    "every word",
)
def case(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Words in small letters get capitals, all others small letters."""

    def edit(word: str, u: float, v: float) -> str:
        return word.swapcase() if word.islower() or word.isupper() else word.lower()

    return edit_words(text, severity, random, edit)
