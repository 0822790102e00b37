"""The pieces of a prompt that the families of missing and changed findings take out or turn round."""

from __future__ import annotations

import re
from collections.abc import Callable

NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|\\d+"
COUNT = re.compile(
    rf"\b({NUMBER})(?=\s+(?:\w+\s+){{0,4}}?(?:infected|areas?|regions?|lesions?|polyps?)\b)", re.IGNORECASE
)
COUNT_PHRASE = re.compile(
    rf"(?:,\s*(?:{NUMBER})\s+infected\s+areas?|\s+involving\s+(?:{NUMBER})\s+(?:regions?|areas?))", re.IGNORECASE
)
SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)
BOTH = re.compile(r"\b(bilateral|unilateral)\b\s*", re.IGNORECASE)
ROW = re.compile(r"\b(upper|lower|top|bottom)\b", re.IGNORECASE)
# the end of the sentence that says where: from its comma or preposition on
WHERE = (
    re.compile(r"\s*,?\s*\b(?:with involvement of|located in|located at)\b.*$", re.IGNORECASE | re.DOTALL),
    re.compile(
        r"\s*,\s*(?=[^,]*\b(?:lungs?|upper|lower|middle|left|right)\b)[^,]*\blungs?\b.*$", re.IGNORECASE | re.DOTALL
    ),
)


def like(new: str, old: str) -> str:
    """`new` with the capital letter of `old`."""
    return new.capitalize() if old[:1].isupper() else new


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


def tidy(text: str) -> str:
    """One space between words, none before a comma, a capital first where the prompt had none to lose."""
    text = re.sub(r",?\s*\blocated in[\s,]+of the image", "", text)  # all places were taken out
    text = re.sub(r"(?:,\s*)+(?=of the image|,)", " ", re.sub(r"(?<=located in)\s*,", "", text))
    text = re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;")
    return text[:1].upper() + text[1:] if text[:1].isalpha() else text
