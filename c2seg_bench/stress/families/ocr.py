"""Errors of optical character recognition."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.edit_words import edit_words, pick
from c2seg_bench.stress.family import family

LOOK_ALIKES = (
    ("rn", "m"),
    ("m", "rn"),
    ("l", "1"),
    ("o", "0"),
    ("i", "l"),
    ("e", "c"),
    ("u", "v"),
    ("a", "o"),
    ("g", "q"),
    ("O", "0"),
    ("I", "1"),
    ("S", "5"),
    ("B", "8"),
    ("E", "F"),
    ("U", "V"),
    ("G", "6"),
    ("L", "I"),
)
BY_FIRST_LETTER = {
    first: [(right, wrong) for right, wrong in LOOK_ALIKES if right[0] == first]
    for first in {right[0] for right, _ in LOOK_ALIKES}
}


@family(
    "ocr",
    "kept",
    "a character misread as one that looks like it",
    "Bilateral pulrnonary infection, two infected areas, upper left lung and lower right lung",
    "every word, misread",
)
def ocr(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """An inner letter, or a pair such as "rn"; words without any that looks like another are unchanged."""

    def edit(word: str, u: float, v: float) -> str:
        candidates = [
            (i, right, wrong)
            for i in range(1, len(word) - 1)
            for right, wrong in BY_FIRST_LETTER.get(word[i], ())
            if word.startswith(right, i)
        ]
        if not candidates:
            return word
        i, right, wrong = pick(candidates, u)
        return word[:i] + wrong + word[i + len(right) :]

    return edit_words(text, severity, random, edit)
