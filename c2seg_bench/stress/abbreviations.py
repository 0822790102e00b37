"""Clinical shorthand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from c2seg_bench.stress.family import SHARES, family
from c2seg_bench.stress.grammar import like, phrases, stands_alone

# wordings that keep the meaning, the long forms first: what they cover is not shortened again. Not here: "inf", which
# is also inferior, and "RML", which is a lobe where the prompt speaks of a zone.
SHORT = (
    ("upper left lung", "LUL"),
    ("lower left lung", "LLL"),
    ("upper right lung", "RUL"),
    ("middle right lung", "RMZ"),
    ("lower right lung", "RLL"),
    ("middle left lung", "LMZ"),
    ("left lung", "L lung"),
    ("right lung", "R lung"),
    ("bilateral", "bilat"),
    ("unilateral", "unilat"),
    ("pulmonary infection", "pulm infxn"),
    ("with involvement of", "w/"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("located in", "at"),
    ("middle", "mid"),
    ("and", "&"),
    ("small", "sm"),
    ("large", "lg"),
    ("medium", "med"),
)
LONG = dict(SHORT)
PATTERN = phrases(LONG)


@family(
    "abbreviations",
    "kept",
    "clinical shorthand for some of the words",
    "Bilat pulmonary infection, 2 infected areas, LUL & lower right lung",
    "every finding, for a reader who knows the shorthand",
)
def abbreviations(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The share of shortened phrases is four times the severity's share: at 5 all of them are."""
    # a digit that follows a comma without a space would read as a decimal
    found = [m for m in PATTERN.finditer(text) if stands_alone(m) and text[m.start() - 1 : m.start()] != ","]
    count = min(len(found), max(1, round(4 * SHARES[severity] * len(found))))
    order = sorted(range(len(found)), key=lambda _: random.random())
    chosen = {found[i].start() for i in order[:count]}
    return PATTERN.sub(_shorten(chosen), text)


def _shorten(chosen: set[int]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if match.start() not in chosen:
            return match.group()
        short = LONG[match.group().lower()]
        return like(short, match.group()) if short.islower() else short

    return replace
