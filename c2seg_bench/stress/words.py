"""Choosing words of a prompt and editing them, the rest of the text left as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from c2seg_bench.stress.family import SHARES

WORD = re.compile(r"[^\W\d_]{4,}")  # letters only: four or more, so that the first and last can stay
Edit = Callable[[str, float, float], str]


def edit_words(text: str, severity: int, random: Random, edit: Edit) -> str:
    """Apply `edit(word, u, v)` to the severity's share of the words of four letters or more, at least to one.

    One edit a word; the words are a prefix of one random order, so a higher severity edits the same words and more.
    u and v in [0, 1) are the word's own: they do not depend on which other words are edited.
    """
    found = list(WORD.finditer(text))
    if not found:
        return text
    draw = random.random
    count = min(len(found), max(1, round(SHARES[severity] * len(text.split()))))
    keys = [(draw(), draw(), draw(), i) for i in range(len(found))]
    parts, end = [], 0
    for _, u, v, i in sorted(sorted(keys)[:count], key=lambda key: key[3]):
        match = found[i]
        parts += [text[end : match.start()], edit(match.group(), u, v)]
        end = match.end()
    return "".join(parts) + text[end:]


def inner(word: str, u: float) -> int:
    """Position of a letter that is neither the first nor the last."""
    return 1 + int(u * (len(word) - 2))


def choose(things: str | tuple | list, v: float):  # type: ignore[no-untyped-def]
    """One of them."""
    return things[int(v * len(things))]
