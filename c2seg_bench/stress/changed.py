"""Another meaning: does the mask go with the words?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.grammar import (
    BOTH,
    COUNT,
    COUNTED_NOUN,
    ROW,
    SIDE,
    diagnosis,
    exchange,
    inflected,
    sides_named,
    uncapital,
    value,
    written,
)

MOST = 6  # areas; more than that is rare in any of the datasets


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
    """Judged by the prompts of one side, since a bilateral one stays so; by place where there are no sides."""
    return exchange(SIDE, {"left": "right"})(text)


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
    """A number that the sides named allow, written as the first was, its noun inflected."""
    found = COUNT.search(text)
    if not found:
        return text
    number = random.choice([n for n in range(sides_named(text), MOST + 1) if n != value(found.group())])
    rest = COUNTED_NOUN.sub(lambda noun: inflected(noun.group(), number), text[found.end() :], count=1)
    return text[: found.start()] + written(number, found.group()) + rest


@family("deny", "changed", "the finding denied", "No pulmonary infection", "the subject", graded=False, axis="absent")
def deny(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """What the prompt asserts, denied; a prompt that asserts no known finding, or denies it, stays as it is."""
    found = diagnosis(text)
    return f"No {uncapital(found)}" if found else text


@family(
    "contradiction",
    "changed",
    "a second statement that the first forbids",
    "Bilateral and unilateral pulmonary infection, two infected areas, upper left lung and lower right lung",
    "nothing for certain",
    graded=False,
)
def contradiction(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The other word beside "bilateral" or "unilateral"; another number beside the first where there is neither."""
    found = BOTH.search(text)
    if found:
        word = found.group(1)
        other = "unilateral" if word.lower() == "bilateral" else "bilateral"
        second = other.upper() if word.isupper() else other
        return f"{text[: found.end(1)]} and {second}{text[found.end(1) :]}"
    count = COUNT.search(text)
    if not count:
        return text
    number = random.choice([n for n in range(1, MOST + 1) if n != value(count.group())])
    return f"{text[: count.end()]} and {written(number, uncapital(count.group()))}{text[count.end() :]}"
