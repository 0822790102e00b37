"""Checks of options that several methods have; each raises an InputError of one line that says how to fix the value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from baselines.errors import InputError

RECIPES = ("common", "official")


def require_multiple(method: str, image_size: int, of: int, least: int = 1) -> None:
    """InputError if the images' side is not a multiple of `of`, or is less than `least`, itself a multiple."""
    if image_size < of or image_size % of:
        near = max(1, round(image_size / of)) * of
        raise InputError(f"{method}: image size {image_size} is not a multiple of {of}; take {near}, for instance")
    if image_size < least:
        raise InputError(f"{method}: image size {image_size} is less than {least}; take {least}, for instance")


def require_widths(method: str, option: str, given: Sequence[int], count: int | None = None) -> tuple[int, ...]:
    """The widths as a tuple; InputError if there are too few, too many, or one is not a positive whole number."""
    widths = tuple(given) if isinstance(given, (list, tuple)) else ()
    right = count is None and len(widths) >= 2 or len(widths) == count
    if not right or not all(isinstance(width, int) and width > 0 for width in widths):
        expected = f"{count} positive whole numbers" if count else "two or more positive whole numbers"
        raise InputError(f"{method}: {option} {given!r}: expected a list of {expected}")
    return widths


def require_choice(method: str, option: str, given: str, known: Sequence[str]) -> str:
    """The option as given; InputError with the known ones if it is unknown."""
    if given not in known:
        raise InputError(f"{method}: {option} {given!r} is unknown; there are: {', '.join(known)}")
    return given


def require_recipe(method: str, recipe: str) -> bool:
    """Whether the recipe is the official one; InputError if it is neither "common" nor "official"."""
    return require_choice(method, "recipe", recipe, RECIPES) == "official"


def require_heads(method: str, width: int, heads: int) -> int:
    """The number of heads; InputError if it does not divide the width."""
    if heads < 1 or width < 2 or width % heads:
        raise InputError(f"{method}: width {width} is not a multiple of heads {heads}; change one of them")
    return heads


def require_tokens(method: str, tokens: int | None) -> int | None:
    """The number of tokens read of a prompt, None for all; InputError if it is less than 1."""
    if tokens is not None and tokens < 1:
        raise InputError(f"{method}: tokens {tokens} is less than 1; leave the option out to keep all")
    return tokens


def require_whole(method: str, option: str, given: Any, least: int = 1) -> int:
    """The number as given; InputError if it is not whole, or less than `least`."""
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise InputError(f"{method}: {option} {given!r}: expected a whole number, {least} or more")
    return given


def require_positive(method: str, option: str, given: Any) -> float:
    """The number as given; InputError if it is not above 0."""
    if not _is_number(given) or not 0 < given < float("inf"):
        raise InputError(f"{method}: {option} {given!r}: expected a number above 0")
    return given


def require_share(method: str, option: str, given: Any, whole: bool = True) -> float:
    """The number as given; InputError if it is not from 0 to 1, or if it is 1 and `whole` is False."""
    if not _is_number(given) or not 0 <= given <= 1 or given == 1 and not whole:
        expected = "a number from 0 to 1" if whole else "a number from 0 on and below 1"
        raise InputError(f"{method}: {option} {given!r}: expected {expected}")
    return given


def _is_number(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool)
