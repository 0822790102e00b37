"""The errors that people made in QaTa's publicly mirrored, reworded prompts, as often as they made them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from c2seg_bench.stress.family import SHARES, family
from c2seg_bench.stress.typos import LETTERS, NEAR
from c2seg_bench.stress.words import WORD, inner

Change = Callable[[str, Random], str]
LATIN = re.compile(r"(?<![^\W\d_])[A-Za-z]{4,}(?![^\W\d_])")  # a Latin letter has no place in a word of another script


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


def in_word(
    edit: Callable[[str, int, Random], str], first: int, middle: int, last: int, words: re.Pattern[str] = WORD
) -> Change:
    """Edit one word of four letters or more at its first, an inner or its last letter, as often as observed there."""

    def change(text: str, random: Random) -> str:
        found = list(words.finditer(text))
        if not found:
            return text
        match = random.choice(found)
        word = match.group()
        places = (0, inner(word, random.random()), len(word) - 1)
        place = random.choices(places, (first, middle, last))[0]
        return text[: match.start()] + edit(word, place, random) + text[match.end() :]

    return change


def agreement(match: re.Match[str]) -> str:
    word = match.group()
    return word[:-1] if word.endswith("s") else word + "s"


def added(word: str, i: int, random: Random) -> str:
    """A letter before the i-th, after it where it is the last."""
    at = len(word) if i == len(word) - 1 else i
    letter = random.choice(LETTERS)
    return word[:at] + (letter.upper() if word.isupper() else letter) + word[at:]


def missed(word: str, i: int, random: Random) -> str:
    """The key beside the right one."""
    near = NEAR.get(word[i].lower())
    if not near:
        return word
    letter = random.choice(near)
    return word[:i] + (letter.upper() if word[i].isupper() else letter) + word[i + 1 :]


# prompts of 8,645 in which people made it, counted by tests/c2seg_bench/stress/test_natural.py; misspelled words by
# what the consistency reader corrects, with first, inner, last as counted there. Two words have two errors: not drawn.
OBSERVED: dict[str, tuple[int, Change]] = {
    "noun left out": (145, one_of(r"\b(left|right) lung and\b", r"\1 and")),
    "comma without its space": (85, one_of(r",\s+", ",")),
    "singular or plural": (46, one_of(r"\b(?:areas?|regions?|polyps?)\b", agreement)),
    "letter left out": (20, in_word(lambda w, i, r: w[:i] + w[i + 1 :], 6, 8, 6)),
    "words run together": (19, one_of(r"(?<=[a-z]) (?=[a-z])", "")),
    "two spaces": (17, one_of(r"(?<=\w) (?=\w)", "  ")),
    "letter too many": (13, in_word(added, 1, 3, 9, LATIN)),
    "letter doubled": (12, in_word(lambda w, i, r: w[:i] + w[i] + w[i:], 4, 7, 1)),
    "higher for upper": (6, one_of(r"\bupper\b", "higher")),
    "neighbouring key": (5, in_word(missed, 0, 1, 4, LATIN)),
    "word twice": (4, one_of(r"\b(\w{3,})\b", r"\1 \1")),
    "next letter for this": (3, in_word(lambda w, i, r: w[:i] + w[i + 1] + w[i + 1 :], 0, 3, 0)),  # "midlle"
    "space before a comma": (3, one_of(r"(?<=\w),", " ,")),
    # not elsewhere: "right l lung" would name the left one
    "stray letter": (1, one_of(r"(?<=[a-z]) (?=(?:left|right)\b)", " l ")),
    "letters swapped": (1, in_word(lambda w, i, r: w[: i - 1] + w[i] + w[i - 1] + w[i + 1 :], 0, 1, 0)),
}
# one of these can undo another of the same line
INVERSES = (
    {"letter left out", "letter too many", "letter doubled"},
    {"neighbouring key", "next letter for this", "letters swapped"},
)


@family(
    "natural",
    "kept",
    "the errors found in QaTa's mirrored prompts, as often",
    "Bilateral pulmonary infection,two infected areas, upper left and lower right lung",
    "what a person still reads",
)
def natural(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """One error for each of the severity's share of words, each of another kind, so that none undoes another.

    Kinds that the text has no place for are passed over; there are no more errors than kinds, however long the text.
    """
    done: set[str] = set()
    noisy = last = text  # two errors of other kinds can meet in one word and cancel: then the one before is kept
    for _ in range(max(1, round(SHARES[severity] * len(text.split())))):
        kind, noisy = one_error(noisy, random, done)
        if not kind:
            break
        if noisy != text:
            last = noisy
        done |= {kind}.union(*(group for group in INVERSES if kind in group))
    return last


def one_error(text: str, random: Random, done: Sequence[str] | set[str] = ()) -> tuple[str, str]:
    """(kind, text with one error of it), kinds not in `done` drawn by how often they were observed; ("", text) where
    none fits."""
    left = {kind: found for kind, found in OBSERVED.items() if kind not in done}
    while left:
        kind = random.choices(list(left), [count for count, _ in left.values()])[0]
        noisy = left.pop(kind)[1](text, random)
        if noisy != text:
            return kind, noisy
    return "", text
