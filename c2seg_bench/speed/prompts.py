"""Parsing and noise beside spaCy's tokenizer and nlpaug."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from random import Random

from c2seg_bench.speed.ratio import Comparison, compare
from c2seg_bench.stress import FAMILIES
from metrics.consistency import parse

COUNT = 48
NUMBERS, ROWS = ("two", "three", "four"), ("upper", "middle", "lower", "all")


def fresh_prompts() -> Iterator[list[str]]:
    """Lists of prompts of the kind of QaTa's, none of which comes twice: what is parsed once is remembered."""
    serial = count()
    while True:
        yield [
            f"Bilateral pulmonary infection, {number} infected areas, {row} left lung and {other} right lung, no. {i}"
            for number, row, other, i in zip(
                NUMBERS * (COUNT // 3), ROWS * (COUNT // 4), ROWS[::-1] * (COUNT // 4), serial, strict=False
            )
        ]


def comparisons() -> Iterator[Comparison]:
    """Parsing, and keyboard noise where nlpaug is installed."""
    import spacy

    tokenizer, prompts = spacy.blank("en"), fresh_prompts()
    yield compare(
        "parsing",
        f"{COUNT} prompts",
        "spaCy's blank English, tokens alone",
        lambda: [parse(text, "chest") for text in next(prompts)],
        lambda: [tokenizer(text) for text in next(prompts)],
    )
    if find_spec("nlpaug") is None:
        return
    import nlpaug.augmenter.char as nlpaug

    peer, family = nlpaug.KeyboardAug(aug_char_max=1), FAMILIES["keyboard"]
    yield compare(
        "noise",
        f"keyboard, {COUNT} prompts",
        "nlpaug's KeyboardAug",
        lambda: [family.perturb(text, 3, Random(i)) for i, text in enumerate(next(prompts))],
        lambda: [peer.augment(text) for text in next(prompts)],
    )
