"""Prompts with another meaning: does the mask follow?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.prompt_parts import (
    COUNT,
    COUNTED_NOUN,
    LATERALITY,
    ROW,
    diagnosis,
    exchange,
    exchange_sides,
    min_count,
)
from c2seg_bench.stress.wording import inflect, number_value, uncapitalize, write_number

MAX_COUNT = 6  # areas; more than that is rare in any of the datasets


@family(
    "other_prompt",
    "changed",
    "the prompt of another image",
    "Unilateral pulmonary infection, one infected area, lower left lung",
    "nothing of this image",
    graded=False,
    axis="all",
)
def other_prompt(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Another text of the pool; the text itself if there is no other."""
    others = sorted(set(pool) - {text})
    return random.choice(others) if others else text


@family(
    "swap_side",
    "changed",
    "left and right exchanged",
    "Bilateral pulmonary infection, two infected areas, upper right lung and lower left lung",
    "count and rows",
    graded=False,
    axis="laterality",
)
def swap_side(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Adherence is measured on prompts that name one side, since bilateral stays bilateral; see `Family.judged_on`."""
    return exchange_sides(text)


@family(
    "move_zone",
    "changed",
    "upper and lower exchanged",
    "Bilateral pulmonary infection, two infected areas, lower left lung and upper right lung",
    "count and sides",
    graded=False,
    axis="position",
)
def move_zone(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """A text that names neither upper nor lower, top nor bottom, is unchanged."""
    return exchange(ROW, {"upper": "lower", "top": "bottom"})(text)


@family(
    "change_count",
    "changed",
    "another number of areas",
    "Bilateral pulmonary infection, four infected areas, upper left lung and lower right lung",
    "sides and rows",
    graded=False,
    axis="count",
)
def change_count(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """A number that the named sides allow, in digits or letters as before, with its noun inflected."""
    count = COUNT.search(text)
    if not count:
        return text
    number = random.choice([n for n in range(min_count(text), MAX_COUNT + 1) if n != number_value(count.group())])
    rest = COUNTED_NOUN.sub(lambda noun: inflect(noun.group(), number), text[count.end() :], count=1)
    return text[: count.start()] + write_number(number, count.group()) + rest


@family("deny", "changed", "the finding denied", "No pulmonary infection", "the subject", graded=False, axis="absent")
def deny(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Denies the finding that the prompt asserts; a prompt that asserts none is unchanged."""
    finding = diagnosis(text)
    return f"No {uncapitalize(finding)}" if finding else text


@family(
    "contradiction",
    "changed",
    "a second statement that contradicts the first",
    "Bilateral and unilateral pulmonary infection, two infected areas, upper left lung and lower right lung",
    "nothing that is certain",
    graded=False,
)
def contradiction(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Adds "unilateral" to "bilateral" or vice versa; if the prompt has neither, adds a different number."""
    laterality = LATERALITY.search(text)
    if laterality:
        word = laterality.group(1)
        opposite = "unilateral" if word.lower() == "bilateral" else "bilateral"
        second = opposite.upper() if word.isupper() else opposite
        return f"{text[: laterality.end(1)]} and {second}{text[laterality.end(1) :]}"
    count = COUNT.search(text)
    if not count:
        return text
    number = random.choice([n for n in range(1, MAX_COUNT + 1) if n != number_value(count.group())])
    return f"{text[: count.end()]} and {write_number(number, uncapitalize(count.group()))}{text[count.end() :]}"
