"""The errors that people made in QaTa's own prompts, as often as they made them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from c2seg_bench.stress.family import SHARES, family
from c2seg_bench.stress.typos import LETTERS, NEAR
from c2seg_bench.stress.words import WORD, inner

Change = Callable[[str, Random], str]


def one_of(pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> Change:
    """Replace one of the matches, any of them."""
    compiled = re.compile(pattern)

    def change(text: str, random: Random) -> str:
        found = list(compiled.finditer(text))
        if not found:
            return text
        match = random.choice(found)
        new = match.expand(replacement) if isinstance(replacement, str) else replacement(match)
        return text[: match.start()] + new + text[match.end() :]

    return change


def in_word(edit: Callable[[str, int, Random], str]) -> Change:
    """Edit one word of four letters or more at one of its inner letters."""

    def change(text: str, random: Random) -> str:
        found = list(WORD.finditer(text))
        if not found:
            return text
        match = random.choice(found)
        word = match.group()
        return text[: match.start()] + edit(word, inner(word, random.random()), random) + text[match.end() :]

    return change


def agreement(match: re.Match[str]) -> str:
    word = match.group()
    return word[:-1] if word.endswith("s") else word + "s"


# prompts of 8,645 in which people made it; `c2seg-bench perturb --natural FILE` counts them in other texts
OBSERVED: dict[str, tuple[int, Change]] = {
    "noun left out": (145, one_of(r"\b(left|right) lung and\b", r"\1 and")),
    "comma without its space": (85, one_of(r",\s+", ",")),
    "singular or plural": (46, one_of(r"\b(?:areas?|regions?|polyps?)\b", agreement)),
    "letter left out": (21, in_word(lambda w, i, r: w[:i] + w[i + 1 :])),
    "words run together": (19, one_of(r"(?<=[a-z]) (?=[a-z])", "")),
    "two spaces": (17, one_of(r"(?<=\w) (?=\w)", "  ")),
    "letter too many": (13, in_word(lambda w, i, r: w[:i] + r.choice(LETTERS) + w[i:])),
    "letter doubled": (12, in_word(lambda w, i, r: w[:i] + w[i] + w[i:])),
    "neighbouring key": (9, in_word(lambda w, i, r: w[:i] + r.choice(NEAR.get(w[i].lower(), w[i])) + w[i + 1 :])),
    "higher for upper": (6, one_of(r"\bupper\b", "higher")),
    "word twice": (4, one_of(r"\b(\w{3,})\b", r"\1 \1")),
    "stray letter": (3, one_of(r"(?<=\w) (?=\w)", " l ")),
    "space before a comma": (3, one_of(r"(?<=\w),", " ,")),
    "letters swapped": (1, in_word(lambda w, i, r: w[: i - 1] + w[i] + w[i - 1] + w[i + 1 :])),
}


@family(
    "natural",
    "kept",
    "the errors found in QaTa's own prompts, as often",
    "Bilateral pulmonary infection,two infected areas, upper left and lower right lung",
    "what a person still reads",
)
def natural(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """One error for each of the severity's share of words; kinds that the text has no place for are passed over."""
    for _ in range(max(1, round(SHARES[severity] * len(text.split())))):
        text = one_error(text, random)[1]
    return text


def one_error(text: str, random: Random) -> tuple[str, str]:
    """(kind, text with one error of it), kinds drawn by how often they were observed; ("", text) where none fits."""
    left = dict(OBSERVED)
    while left:
        kind = random.choices(list(left), [count for count, _ in left.values()])[0]
        noisy = left.pop(kind)[1](text, random)
        if noisy != text:
            return kind, noisy
    return "", text
