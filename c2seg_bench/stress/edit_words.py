"""Edits a share of a prompt's words, each once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from c2seg_bench.stress.severity import words_to_edit

WORD = re.compile(r"[^\W\d_]{4,}")  # letters only: four or more, so that the first and last can stay
Edit = Callable[[str, float, float], str]
T = TypeVar("T")


def edit_words(text: str, severity: int, random: Random, edit: Edit) -> str:
    """Apply `edit(word, u, v)` to the severity's share of the words, at least to one.

    Only words of four letters or more are edited. All words have one random order, of which the first are edited, so a
    higher severity edits the same words and more.

    Args:
        edit: gets a word and two random numbers in [0, 1), which do not depend on the other edits.
    """
    words = list(WORD.finditer(text))
    if not words:
        return text
    draw = random.random
    count = min(len(words), words_to_edit(text, severity))
    keys = [(draw(), draw(), draw(), i) for i in range(len(words))]
    parts, end = [], 0
    for _, u, v, i in sorted(sorted(keys)[:count], key=lambda key: key[3]):
        match = words[i]
        parts += [text[end : match.start()], edit(match.group(), u, v)]
        end = match.end()
    return "".join(parts) + text[end:]


def inner_position(word: str, u: float) -> int:
    """Position of a letter that is neither the first nor the last."""
    return 1 + int(u * (len(word) - 2))


def pick(items: Sequence[T], v: float) -> T:
    """The item at the fraction v in [0, 1) of a sequence."""
    return items[int(v * len(items))]
