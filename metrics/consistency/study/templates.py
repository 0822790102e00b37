"""Prompts of public datasets, read a second time by a strict grammar that shares no code with the reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.parse import parse

NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
NUMBER = "|".join(NUMBERS)
PLACE = r"(?:the )?(?:(?:all|(?:upper |middle |lower )+?) ?)(?:left|right)(?: lung)?"
QATA = re.compile(
    rf"(bilateral|unilateral) pulmonary infection(?: ?, ?({NUMBER}) infected areas? ?, ?"
    rf"| involving ({NUMBER}) regions? (?:with involvement of|affecting) )({PLACE})(?: and ({PLACE}))? ?\.?"
)
SPOT = "top left|top right|bottom left|bottom right|top|bottom|left|right|center"
SPOTS = f"(?:{SPOT})(?: ?, ?(?:{SPOT}))*"
POLYPS = re.compile(rf"({NUMBER}) [a-z, -]*?polyps? ?, ?located in ({SPOTS}) of the image ?\.?")
ROWS = {"top": "upper", "bottom": "lower"}

Statement = tuple[int, str | None, frozenset[str]]  # count, laterality, cells


def by_grammar(prompt: str, ontology: str) -> Statement | None:
    """What a well-formed prompt of QaTa, Kvasir or ClinicDB states; None if it is misspelled or contradictory."""
    text = " ".join(prompt.lower().split())
    return _qata(text) if ontology == "chest" else _polyps(text)


def _qata(text: str) -> Statement | None:
    match = QATA.fullmatch(text)
    if match is None:
        return None
    kind, areas, regions, *places = match.groups()
    cells, sides = set(), set()
    for place in filter(None, places):
        words = place.split()
        side = "left" if "left" in words else "right"
        rows = [row for row in ("upper", "middle", "lower") if row in words or "all" in words]
        cells |= {f"{row}-{side}" for row in rows}
        sides.add(side)
    if (kind == "bilateral") != (len(sides) == 2):
        return None
    return NUMBERS.index(areas or regions), "bilateral" if len(sides) == 2 else sides.pop(), frozenset(cells)


def _polyps(text: str) -> Statement | None:
    match = POLYPS.fullmatch(text)
    if match is None:
        return None
    cells = set()
    for place in re.split(" ?, ?", match[2]):
        words = place.split()
        row = next((ROWS[word] for word in words if word in ROWS), "middle")
        cells.add(f"{row}-{next((word for word in words if word in ('left', 'right')), 'center')}")
    return NUMBERS.index(match[1]), None, frozenset(cells)


def misread(prompts: Sequence[str], ontology: str) -> dict[str, Any]:
    """The reader against the grammar.

    Returns:
        `n` prompts, `distinct` ones, the share `well_formed`, and the share of these that is `misread`; nan of none.
    """
    expected = {prompt: by_grammar(prompt, ontology) for prompt in set(prompts)}
    well_formed = [prompt for prompt in prompts if expected[prompt] is not None]
    wrong = sum(_statement(parse(prompt, ontology)) != expected[prompt] for prompt in well_formed)
    return {
        "n": len(prompts),
        "distinct": len(expected),
        "well_formed": len(well_formed) / len(prompts) if prompts else float("nan"),
        "misread": wrong / len(well_formed) if well_formed else float("nan"),
    }


def _statement(findings: Findings) -> Statement | None:
    if findings.count is None or findings.count[0] != findings.count[1] or findings.conflicts:
        return None
    return findings.count[0], findings.laterality, frozenset(findings.regions)
