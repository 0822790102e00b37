"""Noise of scanning and of careless typing that is not a misspelling: look-alike signs, case, punctuation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import SHARES, family
from c2seg_bench.stress.grammar import DENIAL, LOOSE_COMMA
from c2seg_bench.stress.words import choose, edit_words

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
BY_LETTER = {first: [(a, b) for a, b in LOOK_ALIKES if a[0] == first] for first in {a[0] for a, _ in LOOK_ALIKES}}


@family(
    "ocr",
    "kept",
    "a sign read as one that looks alike",
    "Bilateral pulrnonary infection, two infected areas, upper left lung and lower right lung",
    "every word, misread",
)
def ocr(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    def edit(word: str, u: float, v: float) -> str:
        found = [
            (i, a, b) for i in range(1, len(word) - 1) for a, b in BY_LETTER.get(word[i], ()) if word.startswith(a, i)
        ]
        if not found:
            return word
        i, a, b = choose(found, u)
        return word[:i] + b + word[i + len(a) :]

    return edit_words(text, severity, random, edit)


@family(
    "case",
    "kept",
    "words in capitals",
    "Bilateral pulmonary infection, two INFECTED areas, upper left lung and lower right lung",
    "every word",
)
def case(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    return edit_words(
        text, severity, random, lambda word, u, v: word.swapcase() if word.islower() or word.isupper() else word.lower()
    )


SIGN = re.compile(r"([,.;:])(?:\s+|$)")
# what a reader can do without: a full stop at the end, a comma that does not tell two places apart
LOST = re.compile(rf"{LOOSE_COMMA}|\.(?=\s*$)", re.IGNORECASE)


@family(
    "punctuation",
    "kept",
    "commas and full stops lost, doubled or without their space",
    "Bilateral pulmonary infection two infected areas,upper left lung and lower right lung",
    "every word",
)
def punctuation(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Each sign with the chance 0.3 and twice the severity's share: there are few of them in a prompt, or none."""
    share = 2 * SHARES[severity] + 0.3
    denied = DENIAL.search(text)  # a comma ends what is denied

    def edit(match: re.Match[str]) -> str:
        sign = match.group(1)
        lost = LOST.match(text, match.start()) and not (denied and sign == ",")
        choice = random.choice((" " if lost else sign, f"{sign}{sign} ", sign))
        return choice if random.random() < share else match.group()

    return SIGN.sub(edit, text).rstrip(" ") if text.strip() else text


@family(
    "split",
    "kept",
    "a word written as two",
    "Bilateral pulmonary infec tion, two infected areas, upper left lung and lower right lung",
    "every letter",
)
def split(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    def edit(word: str, u: float, v: float) -> str:
        i = 2 + int(u * (len(word) - 3))
        return f"{word[:i]} {word[i:]}"

    return edit_words(text, severity, random, edit)


@family(
    "merge",
    "kept",
    "two words written as one",
    "Bilateral pulmonary infection, two infected areas, upper leftlung and lower right lung",
    "every letter",
)
def merge(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    spaces = [m.start() for m in re.finditer(r"(?<=\w) (?=\w)", text)]
    count = min(len(spaces), max(1, round(SHARES[severity] * len(text.split()))))
    chosen = set(random.sample(spaces, count)) if spaces else set()
    return "".join(c for i, c in enumerate(text) if i not in chosen)
