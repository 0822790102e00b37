"""Misspellings: one edit a word, first and last letter kept."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.edit_words import edit_words, inner_position, pick
from c2seg_bench.stress.family import family
from c2seg_bench.stress.keyboard_layout import NEIGHBOURS
from c2seg_bench.stress.wording import match_case

PRESERVES = "every word, misspelled"


@family(
    "keyboard",
    "kept",
    "a letter replaced by its neighbour on the keyboard",
    "Bilateral pulmonary infection, two infecred areas, upper left lung and lower right lung",
    PRESERVES,
)
def keyboard(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Letters without a key on the layout are left as they are."""

    def edit(word: str, u: float, v: float) -> str:
        i = inner_position(word, u)
        neighbours = NEIGHBOURS.get(word[i].lower())
        return word[:i] + match_case(pick(neighbours, v), word[i]) + word[i + 1 :] if neighbours else word

    return edit_words(text, severity, random, edit)


@family(
    "swap",
    "kept",
    "two neighbouring letters swapped",
    "Bilateral pulmonary infection, two infected areas, upper left lung and lower rihgt lung",
    PRESERVES,
)
def swap(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Two different inner letters, side by side."""

    def edit(word: str, u: float, v: float) -> str:
        if len(word) < 4:
            return word
        pairs = [i for i in range(1, len(word) - 2) if word[i] != word[i + 1]]
        if not pairs:
            return word
        i = pick(pairs, u)
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]

    return edit_words(text, severity, random, edit)


@family(
    "delete",
    "kept",
    "a letter dropped",
    "Bilateral pulmonary infection, two infected areas, uper left lung and lower right lung",
    PRESERVES,
)
def delete(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """An inner letter."""

    def edit(word: str, u: float, v: float) -> str:
        i = inner_position(word, u)
        return word[:i] + word[i + 1 :]

    return edit_words(text, severity, random, edit)


@family(
    "insert",
    "kept",
    "an extra letter, on the keyboard a neighbour of the one after it",
    "Bilateral pulmonary infection, two infected areas, uopper left lung and lower right lung",
    PRESERVES,
)
def insert(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Before an inner letter: a neighbouring key, or the letter again if it has no key on the layout."""

    def edit(word: str, u: float, v: float) -> str:
        i = inner_position(word, u)
        # a letter of another script is doubled, so that no Latin letter gets into the word
        neighbours = NEIGHBOURS.get(word[i].lower(), word[i])
        return word[:i] + match_case(pick(neighbours, v), word[i]) + word[i:]

    return edit_words(text, severity, random, edit)
