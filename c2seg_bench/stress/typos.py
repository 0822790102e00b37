"""Slips of the keyboard: one edit a word, first and last letter kept."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.words import choose, edit_words, inner

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
KEEPS = "every word, misspelled"


def _near() -> dict[str, str]:
    """Letters that touch a letter on a QWERTY keyboard, whose rows are shifted by about half a key."""
    places = {c: (r, k + 0.5 * r) for r, row in enumerate(ROWS) for k, c in enumerate(row)}
    return {
        a: "".join(
            b for b, (r, x) in places.items() if b != a and abs(r - places[a][0]) <= 1 and abs(x - places[a][1]) <= 1
        )
        for a in places
    }


NEAR = _near()


def _like(letter: str, model: str) -> str:
    return letter.upper() if model.isupper() else letter


@family(
    "keyboard",
    "kept",
    "a letter replaced by its neighbour on the keyboard",
    "Bilateral pulmonary infection, two infecred areas, upper left lung and lower right lung",
    KEEPS,
)
def keyboard(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    def edit(word: str, u: float, v: float) -> str:
        i = inner(word, u)
        near = NEAR.get(word[i].lower())
        return word[:i] + _like(choose(near, v), word[i]) + word[i + 1 :] if near else word

    return edit_words(text, severity, random, edit)


@family(
    "swap",
    "kept",
    "two neighbouring letters change places",
    "Bilateral pulmonary infection, two infected areas, upper left lung and lower rihgt lung",
    KEEPS,
)
def swap(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    def edit(word: str, u: float, v: float) -> str:
        if len(word) < 4:
            return word
        pairs = [i for i in range(1, len(word) - 2) if word[i] != word[i + 1]]
        if not pairs:
            return word
        i = choose(pairs, u)
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]

    return edit_words(text, severity, random, edit)


@family(
    "delete",
    "kept",
    "a letter left out",
    "Bilateral pulmonary infection, two infected areas, uper left lung and lower right lung",
    KEEPS,
)
def delete(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    def edit(word: str, u: float, v: float) -> str:
        i = inner(word, u)
        return word[:i] + word[i + 1 :]

    return edit_words(text, severity, random, edit)


@family(
    "insert",
    "kept",
    "a letter too many, on the keyboard a neighbour of the one after it",
    "Bilateral pulmonary infection, two infected areas, uopper left lung and lower right lung",
    KEEPS,
)
def insert(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    def edit(word: str, u: float, v: float) -> str:
        i = inner(word, u)
        near = NEAR.get(word[i].lower(), word[i])  # a letter of another script is doubled: no Latin one slips in
        return word[:i] + _like(choose(near, v), word[i]) + word[i:]

    return edit_words(text, severity, random, edit)
