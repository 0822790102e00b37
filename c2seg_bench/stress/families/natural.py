"""The errors that people made in QaTa's publicly mirrored, reworded prompts, with the same frequencies."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from random import Random

from c2seg_bench.stress.edit_words import WORD, inner_position
from c2seg_bench.stress.family import family
from c2seg_bench.stress.keyboard_layout import LETTERS, NEIGHBOURS
from c2seg_bench.stress.severity import words_to_edit
from c2seg_bench.stress.wording import match_case

Edit = Callable[[str, Random], str]
LATIN_WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]{4,}(?![^\W\d_])")  # no Latin letter gets into a word of another script


def replace_one(pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> Edit:
    """An edit that replaces one of the matches, chosen at random."""
    compiled = re.compile(pattern)

    def edit(text: str, random: Random) -> str:
        matches = list(compiled.finditer(text))
        if not matches:
            return text
        match = random.choice(matches)
        new = match.expand(replacement) if isinstance(replacement, str) else replacement(match)
        return text[: match.start()] + new + text[match.end() :]

    return edit


def edit_letter(
    edit_word: Callable[[str, int, Random], str], first: int, inner: int, last: int, words: re.Pattern[str] = WORD
) -> Edit:
    """An edit of one word of four letters or more, at its first, an inner or its last letter.

    Args:
        edit_word: (word, position, random) -> word.
        first, inner, last: how often the error was observed at each; the position is drawn by these weights.
        words: which words can be edited.
    """

    def edit(text: str, random: Random) -> str:
        matches = list(words.finditer(text))
        if not matches:
            return text
        match = random.choice(matches)
        word = match.group()
        positions = (0, inner_position(word, random.random()), len(word) - 1)
        position = random.choices(positions, (first, inner, last))[0]
        return text[: match.start()] + edit_word(word, position, random) + text[match.end() :]

    return edit


def change_number(match: re.Match[str]) -> str:
    """The plural of a singular noun, the singular of a plural one."""
    word = match.group()
    return word[:-1] if word.endswith("s") else word + "s"


def add_letter(word: str, i: int, random: Random) -> str:
    """A letter too many before the i-th, after it if it is the last."""
    position = len(word) if i == len(word) - 1 else i
    letter = random.choice(LETTERS)
    return word[:position] + (letter.upper() if word.isupper() else letter) + word[position:]


def miss_key(word: str, i: int, random: Random) -> str:
    """A key next to the right one."""
    neighbours = NEIGHBOURS.get(word[i].lower())
    if not neighbours:
        return word
    return word[:i] + match_case(random.choice(neighbours), word[i]) + word[i + 1 :]


# Number of the 8,645 prompts with each kind of error, counted by tests/c2seg_bench/stress/test_natural.py. Misspelled
# words are those that the consistency reader corrects; first, inner and last are counted there too. Two words with two
# errors each are left out.
OBSERVED: dict[str, tuple[int, Edit]] = {
    "noun left out": (145, replace_one(r"\b(left|right) lung and\b", r"\1 and")),
    "comma without its space": (85, replace_one(r",\s+", ",")),
    "singular or plural": (46, replace_one(r"\b(?:areas?|regions?|polyps?)\b", change_number)),
    "letter left out": (20, edit_letter(lambda w, i, r: w[:i] + w[i + 1 :], 6, 8, 6)),
    "words run together": (19, replace_one(r"(?<=[a-z]) (?=[a-z])", "")),
    "two spaces": (17, replace_one(r"(?<=\w) (?=\w)", "  ")),
    "letter too many": (13, edit_letter(add_letter, 1, 3, 9, LATIN_WORD)),
    "letter doubled": (12, edit_letter(lambda w, i, r: w[:i] + w[i] + w[i:], 4, 7, 1)),
    "higher for upper": (6, replace_one(r"\bupper\b", "higher")),
    "neighbouring key": (5, edit_letter(miss_key, 0, 1, 4, LATIN_WORD)),
    "word twice": (4, replace_one(r"\b(\w{3,})\b", r"\1 \1")),
    "next letter for this": (3, edit_letter(lambda w, i, r: w[:i] + w[i + 1] + w[i + 1 :], 0, 3, 0)),  # "midlle"
    "space before a comma": (3, replace_one(r"(?<=\w),", " ,")),
    # only before a side: in "right l lung" the letter would name the left one
    "stray letter": (1, replace_one(r"(?<=[a-z]) (?=(?:left|right)\b)", " l ")),
    "letters swapped": (1, edit_letter(lambda w, i, r: w[: i - 1] + w[i] + w[i - 1] + w[i + 1 :], 0, 1, 0)),
}
# kinds that can undo each other
INVERSES = (
    {"letter left out", "letter too many", "letter doubled"},
    {"neighbouring key", "next letter for this", "letters swapped"},
)


@family(
    "natural",
    "kept",
    "the errors of QaTa's mirrored prompts, as often as they occur there",
    "Bilateral pulmonary infection,two infected areas, upper left and lower right lung",
    "what a person can still read",
)
def natural(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """One error for each of the severity's share of words, each of another kind, so that none undoes another.

    Kinds that are impossible in the text are skipped; a long text has at most one error of each kind.
    """
    used: set[str] = set()
    current = noisy = text
    for _ in range(words_to_edit(text, severity)):
        kind, current = one_error(current, random, used)
        if not kind:
            break
        if current != text:  # errors of different kinds can cancel in one word; then the previous one stays
            noisy = current
        used |= {kind}.union(*(group for group in INVERSES if kind in group))
    return noisy


def one_error(text: str, random: Random, used: Collection[str] = ()) -> tuple[str, str]:
    """(kind, text with one error of this kind), or ("", text) if no kind is possible.

    Kinds are drawn with their observed frequencies, without those in `used`.
    """
    remaining = {kind: observed for kind, observed in OBSERVED.items() if kind not in used}
    while remaining:
        kind = random.choices(list(remaining), [count for count, _ in remaining.values()])[0]
        noisy = remaining.pop(kind)[1](text, random)
        if noisy != text:
            return kind, noisy
    return "", text
