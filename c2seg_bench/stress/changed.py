"""Another meaning: does the mask go with the words?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.grammar import BOTH, COUNT, ROW, SIDE, exchange, like

NUMBERS = ("one", "two", "three", "four", "five", "six")


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
    found = COUNT.search(text)
    if not found:
        return text
    other = random.choice([n for n in NUMBERS if n != found.group().lower()])
    return text[: found.start()] + like(other, found.group()) + text[found.end() :]


@family("deny", "changed", "the finding denied", "No pulmonary infection", "the subject", graded=False, axis="absent")
def deny(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    return "No polyp" if "polyp" in text.lower() else "No pulmonary infection"


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
        word = found.group().strip()
        other = "unilateral" if word.lower() == "bilateral" else "bilateral"
        return f"{text[: found.start()]}{word} and {other} {text[found.end() :]}"
    count = COUNT.search(text)
    if not count:
        return text
    other = random.choice([n for n in NUMBERS if n != count.group().lower()])
    return f"{text[: count.end()]} {other}{text[count.end() :]}"
