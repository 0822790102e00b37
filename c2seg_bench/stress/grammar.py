"""The pieces of a prompt that the families turn round, take out, or must leave alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBER = "|".join(NUMBERS) + r"|\d+"
UNIT = r"(?:mm|cm|hours?|days?|weeks?|months?|years?)\b"
NOUN = "areas?|regions?|lesions?|polyps?"
# a number of findings: words and commas may stand between ("three small, medium white polyp"), a unit may not
COUNTED = rf"(?=\s+(?!{UNIT})(?:[\w-]+,?\s+){{0,6}}?(?:infected|{NOUN})\b)"
COUNT = re.compile(rf"(?<![\w.-])({NUMBER}){COUNTED}", re.IGNORECASE)
COUNT_OR_MANY = re.compile(
    rf"(?<![\w.-])(?:{NUMBER}|multiple|several|many|numerous|(?:a\s+)?few){COUNTED}\s+", re.IGNORECASE
)
COUNT_PHRASE = re.compile(
    rf"(?:,\s*(?:{NUMBER})\s+infected\s+areas?|\s+involving\s+(?:{NUMBER})\s+(?:regions?|areas?))\b", re.IGNORECASE
)
COUNTED_NOUN = re.compile(rf"\b(?:{NOUN})\b", re.IGNORECASE)
SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)
BOTH = re.compile(r"\b(bilateral|unilateral)\b\s*", re.IGNORECASE)
ROW = re.compile(r"\b(upper|lower|top|bottom)\b", re.IGNORECASE)
# the end of the sentence that says where: from its comma or preposition on
WHERE = (
    re.compile(r"\s*,?\s*\b(?:with involvement of|located in|located at|affecting)\b.*$", re.IGNORECASE | re.DOTALL),
    re.compile(
        r"\s*,\s*(?=[^,]*\b(?:lungs?|upper|lower|middle|left|right)\b)[^,]*\blungs?\b.*$", re.IGNORECASE | re.DOTALL
    ),
)

PLACES = ("left", "right", "center", "centre", "middle", "top", "bottom", "upper", "lower", "lung", "lungs")
# between two places a comma says that they are two: "center, left" is not "center left"
# and so does "and" between two on one noun: "left and right lung"
LOOSE_AND = "".join(rf"(?<!\b{p})" for p in PLACES[:-2]) + r"\s+and\b"
LOOSE_COMMA = "(?:" + "".join(rf"(?<!\b{p})" for p in PLACES) + rf",|,(?!\s*(?:{'|'.join(PLACES)})\b))"
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

# what may stand before a place that is whole without it: other words ("upper and", "uooper") may belong to it
NOUNS = ("lung", "lungs", "lobe", "zone", "area", "areas", "region", "regions", "infection")
LEADING = ("of", "in", "at", "with", "w/", "involving", "affecting", "involvement")
BEFORE_A_PLACE = frozenset((*NOUNS, *LEADING, "lul", "lll", "rul", "rll", "lmz", "rmz"))
JOINING = frozenset(["and", "or", "the", "&", "/", "+"])
BEFORE = re.compile(r"[^\s,/&+]+/?|[&/+]")


def like(new: str, old: str) -> str:
    """`new` with the capitals of `old`: of its first letter, or of all letters."""
    if old.isupper() and len(old) > 1:
        return new.upper()
    return capital(new) if old[:1].isupper() else new


def capital(text: str) -> str:
    """A capital first; all other letters as they are, so that "COVID-19" and "LUL" stay."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """A small letter first, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def phrases(table: Iterable[str]) -> re.Pattern[str]:
    """Any of the phrases; a lung only where it is the noun itself ("upper left lung zone" is left alone)."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, table))})\b(?!\s+(?:zone|field|base|apex|lobe))", re.IGNORECASE)


def stands_alone(match: re.Match[str]) -> bool:
    """Whether a phrase can be reworded by itself: "middle left lung" cannot in "upper and middle left lung"."""
    phrase = match.group().lower()
    if not phrase.endswith("lung"):
        return True
    before = BEFORE.findall(match.string[max(0, match.start() - 40) : match.start()].lower())
    while before and before[-1] in JOINING:
        before.pop()
    if not before or before[-1] in BEFORE_A_PLACE:
        return True
    return phrase in ("left lung", "right lung") and before[-1] in ("all", "entire", "whole")


def exchange(pattern: re.Pattern[str], pairs: dict[str, str]) -> Callable[[str], str]:
    """Replace every match by its partner."""
    both = {**pairs, **{b: a for a, b in pairs.items()}}
    return lambda text: pattern.sub(lambda m: like(both[m.group().lower()], m.group()), text)


def without_place(text: str) -> str:
    """The prompt up to where it says where."""
    for pattern in WHERE:
        shorter = pattern.sub("", text)
        if shorter != text:
            return shorter
    return text


def value(number: str) -> int:
    """What a number word or digits stand for."""
    return int(number) if number.isdigit() else NUMBERS.index(number.lower()) + 1


def written(number: int, model: str) -> str:
    """A number in digits or letters, as the model has it."""
    return str(number) if model.isdigit() else like(NUMBERS[number - 1], model)


def inflected(noun: str, number: int) -> str:
    """The noun as it goes with the number."""
    stem = noun[:-1] if noun[-1:] in "sS" else noun
    if number == 1:
        return stem
    return stem + ("S" if stem.isupper() else "s")


def sides_named(text: str) -> int:
    """How many lungs a prompt names at least; a polyp may lie across several places, so they do not add up."""
    if "polyp" in text.lower():
        return 1
    sides = {match.group().lower() for match in SIDE.finditer(text)}
    return max(1, len(sides), 2 * bool(re.search(r"\bbilateral\b", text, re.IGNORECASE)))


def diagnosis(text: str) -> str:
    """The first finding that the prompt asserts, in its own words and the singular; "" where it asserts none known."""
    for clause in CLAUSE.split(text):
        found = DIAGNOSIS.search(clause)
        if found and not DENIAL.search(clause):
            return re.sub(r"(?<=[a-z][a-rt-z])s$", "", found.group(), flags=re.IGNORECASE)
    return ""


def tidy(text: str) -> str:
    """One space between words, none before a comma, a capital first where the prompt had none to lose."""
    text = re.sub(r",?\s*\blocated in[\s,]+of the image", "", text)  # all places were taken out
    text = re.sub(r"(?:,\s*)+(?=of the image|,)", " ", re.sub(r"(?<=located in)\s*,", "", text))
    text = re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;")
    return capital(text) if text[:1].isalpha() else text
