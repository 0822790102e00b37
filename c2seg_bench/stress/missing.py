"""Findings left out: what does a model do with less?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.grammar import BOTH, COUNT_OR_MANY, COUNT_PHRASE, SIDE, capital, diagnosis, tidy, without_place


@family(
    "no_position",
    "missing",
    "where it is, left out",
    "Bilateral pulmonary infection, two infected areas",
    "count and laterality",
    graded=False,
)
def no_position(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    return without_place(text)


@family(
    "no_count",
    "missing",
    "how many, left out",
    "Bilateral pulmonary infection, upper left lung and lower right lung",
    "side and position",
    graded=False,
)
def no_count(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The counting phrase where it is one of its own ("involving two regions"), else the number alone."""
    shorter = COUNT_PHRASE.sub("", text)
    if shorter == text:
        shorter = COUNT_OR_MANY.sub("", text)
    return shorter if shorter == text else tidy(shorter)


@family(
    "no_side",
    "missing",
    "left, right, unilateral and bilateral left out",
    "Pulmonary infection, two infected areas, upper lung and lower lung",
    "count and rows",
    graded=False,
)
def no_side(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    shorter = SIDE.sub("", BOTH.sub("", text))
    return text if shorter == text else tidy(shorter)


@family("diagnosis_only", "missing", "only what it is", "Pulmonary infection", "the diagnosis", graded=False)
def diagnosis_only(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The prompt's own word for it; a prompt that asserts no known finding stays as it is."""
    return capital(diagnosis(text)) or text


@family("empty", "missing", "no words at all", "", "nothing", graded=False)
def empty(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    return ""
