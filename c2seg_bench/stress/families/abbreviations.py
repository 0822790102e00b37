"""Clinical shorthand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.phrases import phrase_pattern, random_share, stands_alone
from c2seg_bench.stress.wording import match_case

# long phrases first, so that a short one inside them is not replaced again. Left out because they are ambiguous: "inf",
# also inferior, and "RML", a lobe where the prompt means a zone
ABBREVIATIONS = (
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
SHORT_FORM = dict(ABBREVIATIONS)
PATTERN = phrase_pattern(SHORT_FORM)


@family(
    "abbreviations",
    "kept",
    "clinical shorthand for some of the words",
    "Bilat pulmonary infection, 2 infected areas, LUL & lower right lung",
    "every finding, for a reader who knows the shorthand",
)
def abbreviations(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Shortens four times the severity's share of the phrases: all of them at 5."""
    # a digit that follows a comma without a space would read as a decimal
    matches = [m for m in PATTERN.finditer(text) if stands_alone(m) and text[m.start() - 1 : m.start()] != ","]
    starts = {matches[i].start() for i in random_share(matches, severity, random)}
    return PATTERN.sub(_shorten(starts), text)


def _shorten(starts: set[int]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if match.start() not in starts:
            return match.group()
        short = SHORT_FORM[match.group().lower()]
        return match_case(short, match.group()) if short.islower() else short

    return replace
