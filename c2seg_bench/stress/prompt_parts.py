"""Patterns for the parts of a prompt that families exchange, remove or must keep: counts, sides, places."""

from __future__ import annotations

import re
from collections.abc import Callable

from c2seg_bench.stress.wording import NUMBERS, match_case

# (?ai:...) for words that are looked up in a table: without "a", i matches the Turkish dotless i, which no table has
NUMBER = rf"(?ai:{'|'.join(NUMBERS)})|\d{{1,9}}"
UNIT = r"(?:mm|cm|hours?|days?|weeks?|months?|years?)\b"
NOUN = "areas?|regions?|lesions?|polyps?"
# a number of findings; words and commas may come between ("three small, medium white polyp"), but no unit
COUNTED = rf"(?=\s+(?!{UNIT})(?:[\w-]+,?\s+){{0,6}}?(?:infected|{NOUN})\b)"
COUNT = re.compile(rf"(?<![\w.-])({NUMBER}){COUNTED}", re.IGNORECASE)
COUNT_OR_MANY = re.compile(
    rf"(?<![\w.-])(?:{NUMBER}|multiple|several|many|numerous|(?:a\s+)?few){COUNTED}\s+", re.IGNORECASE
)
COUNT_PHRASE = re.compile(
    rf"(?:,\s*(?:{NUMBER})\s+infected\s+areas?|\s+involving\s+(?:{NUMBER})\s+(?:regions?|areas?))\b", re.IGNORECASE
)
COUNTED_NOUN = re.compile(rf"\b(?:{NOUN})\b", re.IGNORECASE)

SIDE = re.compile(r"\b(?ai:left|right)\b")
LATERALITY = re.compile(r"\b((?ai:bilateral|unilateral))\b\s*")
ROW = re.compile(r"\b(?ai:upper|lower|top|bottom)\b")
# the end of the sentence that gives the position: from its comma or preposition on
POSITION_CLAUSES = (
    re.compile(r"\s*,?\s*\b(?:with involvement of|located in|located at|affecting)\b.*$", re.IGNORECASE | re.DOTALL),
    re.compile(
        r"\s*,\s*(?=[^,]*\b(?:lungs?|upper|lower|middle|left|right)\b)[^,]*\blungs?\b.*$", re.IGNORECASE | re.DOTALL
    ),
)

PLACES = ("left", "right", "center", "centre", "middle", "top", "bottom", "upper", "lower", "lung", "lungs")
# a comma between two places keeps them apart ("center, left" is not "center left"), and so does "and" between two
# places that share a noun ("left and right lung"): only the others can be dropped
REMOVABLE_AND = "".join(rf"(?<!\b{p})" for p in PLACES[:-2]) + r"\s+and\b"
REMOVABLE_COMMA = "(?:" + "".join(rf"(?<!\b{p})" for p in PLACES) + rf",|,(?!\s*(?:{'|'.join(PLACES)})\b))"
DENIAL = re.compile(
    r"\b(?:no|not|non|nor|none|never|neither|without|absent|clear|normal|negative|unremarkable|free|excluded|resolved)\b",
    re.IGNORECASE,
)
DIAGNOSIS = re.compile(
    r"\b(?:(?:covid-19|pulmonary|lung|lobar|viral|bacterial|pleural|adenomatous|hyperplastic)\s+)*"
    r"(?:infections?|pneumonia|effusions?|consolidations?|opacity|opacities|infiltrates?|pneumothorax|"
    r"polyps?|adenomas?|lesions?|nodules?|mass|masses|tumou?rs?)\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[,.;]|\bbut\b", re.IGNORECASE)


def exchange(pattern: re.Pattern[str], pairs: dict[str, str]) -> Callable[[str], str]:
    """A function that replaces every match by its partner in `pairs`, in both directions."""
    partner = {**pairs, **{b: a for a, b in pairs.items()}}
    return lambda text: pattern.sub(lambda m: match_case(partner[m.group().lower()], m.group()), text)


def exchange_sides(text: str) -> str:
    """The prompt with left and right swapped."""
    return exchange(SIDE, {"left": "right"})(text)


def remove_position(text: str) -> str:
    """The prompt without the clause that gives the position."""
    for pattern in POSITION_CLAUSES:
        shorter = pattern.sub("", text)
        if shorter != text:
            return shorter
    return text


def min_count(text: str) -> int:
    """The smallest number of lesions that the sides named in the prompt allow.

    A polyp may lie across several places, so its places do not add up.
    """
    if "polyp" in text.lower():
        return 1
    sides = {match.group().lower() for match in SIDE.finditer(text)}
    return max(1, len(sides), 2 * bool(re.search(r"\bbilateral\b", text, re.IGNORECASE)))


def diagnosis(text: str) -> str:
    """The first finding that the prompt asserts, in its own words and in the singular; "" if it asserts none."""
    for clause in CLAUSE.split(text):
        finding = DIAGNOSIS.search(clause)
        if finding and not DENIAL.search(clause):
            return re.sub(r"(?<=[a-z][a-rt-z])s$", "", finding.group(), flags=re.IGNORECASE)
    return ""
