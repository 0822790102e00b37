"""Prompts with findings left out: what does a method do with less?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.prompt_parts import COUNT_OR_MANY, COUNT_PHRASE, LATERALITY, SIDE, diagnosis, remove_position
from c2seg_bench.stress.wording import capitalize, tidy


@family(
    "no_position",
    "missing",
    "the position left out",
    "Bilateral pulmonary infection, two infected areas",
    "count and laterality",
    graded=False,
)
def no_position(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Removes the clause that gives the position, up to the end; a text without one is unchanged."""
    return remove_position(text)


@family(
    "no_count",
    "missing",
    "the count left out",
    "Bilateral pulmonary infection, upper left lung and lower right lung",
    "side and position",
    graded=False,
)
def no_count(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Removes the whole clause if it states only the count ("involving two regions"), else only the number."""
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
    """Removes the words for sides; rows stay."""
    shorter = SIDE.sub("", LATERALITY.sub("", text))
    return text if shorter == text else tidy(shorter)


@family("diagnosis_only", "missing", "the diagnosis alone", "Pulmonary infection", "the diagnosis", graded=False)
def diagnosis_only(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The diagnosis in the prompt's own words; a prompt that asserts no known finding is unchanged."""
    return capitalize(diagnosis(text)) or text


@family("empty", "missing", "no words at all", "", "nothing", graded=False)
def empty(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The empty text."""
    return ""
