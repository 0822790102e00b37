"""Choosing words of a prompt and editing them, the rest of the text left as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from c2seg_bench.stress.family import SHARES

WORD = re.compile(r"[^\W\d_]{4,}")  # letters only: four or more, so that the first and last can stay


def edit_words(text: str, severity: int, random: Random, edit: Callable[[str, Random], str]) -> str:
    """Apply `edit` to the severity's share of the words that have four letters or more, at least to one.

    One edit a word; the words are a prefix of one random order, so a higher severity edits the same words and more.
    """
    found = list(WORD.finditer(text))
    if not found:
        return text
    everything = len(text.split())
    order = sorted(range(len(found)), key=lambda _: random.random())
    count = min(len(found), max(1, round(SHARES[severity] * everything)))
    seeds = [random.getrandbits(32) for _ in found]
    changed = {i: edit(found[i].group(), Random(seeds[i])) for i in order[:count]}
    parts, end = [], 0
    for i, match in enumerate(found):
        parts += [text[end : match.start()], changed.get(i, match.group())]
        end = match.end()
    return "".join(parts) + text[end:]


def inner(word: str, random: Random) -> int:
    """Position of a letter that is neither the first nor the last."""
    return random.randrange(1, len(word) - 1)
