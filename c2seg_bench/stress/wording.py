"""Gives a new word the form of the word that it replaces: capitals, digits or letters, singular or plural."""

from __future__ import annotations

import re

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def match_case(new: str, old: str) -> str:
    """`new` with the capitals of `old`: of its first letter, or of all letters."""
    if old.isupper() and len(old) > 1:
        return new.upper()
    return capitalize(new) if old[:1].isupper() else new


def capitalize(text: str) -> str:
    """A capital first letter; unlike `str.capitalize` it keeps the rest, such as in "COVID-19" and "LUL"."""
    return text[:1].upper() + text[1:]


def uncapitalize(text: str) -> str:
    """A small first letter, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def number_value(number: str) -> int:
    """The value of a number word or of digits."""
    return int(number) if number.isdigit() else NUMBERS.index(number.lower()) + 1


def write_number(number: int, model: str) -> str:
    """A number in digits or in letters, as `model` is written."""
    return str(number) if model.isdigit() else match_case(NUMBERS[number - 1], model)


def inflect(noun: str, number: int) -> str:
    """The singular of a regular noun after one, else its plural."""
    stem = noun[:-1] if noun[-1:] in "sS" else noun
    if number == 1:
        return stem
    return stem + ("S" if stem.isupper() else "s")


def tidy(text: str) -> str:
    """A prompt after a part was removed: single spaces, none before a comma, a capital first letter."""
    text = re.sub(r",?\s*\blocated in[\s,]+of the image", "", text)  # every place was removed
    text = re.sub(r"(?:,\s*)+(?=of the image|,)", " ", re.sub(r"(?<=located in)\s*,", "", text))
    text = re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;")
    return capitalize(text) if text[:1].isalpha() else text
