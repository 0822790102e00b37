"""Checks of single numbers among a method's options: one line that says which, what it is and what it may be."""

from __future__ import annotations

from typing import Any

from baselines.errors import InputError


def require_whole(method: str, option: str, given: Any, least: int = 1) -> int:
    """The number as given; InputError where it is not whole, or less than `least`."""
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise InputError(f"{method}: {option} {given!r}: expected a whole number, {least} or more")
    return given


def require_positive(method: str, option: str, given: Any) -> float:
    """The number as given; InputError where it is not above 0."""
    if not _is_number(given) or not 0 < given < float("inf"):
        raise InputError(f"{method}: {option} {given!r}: expected a number above 0")
    return given


def require_share(method: str, option: str, given: Any, whole: bool = True) -> float:
    """The number as given; InputError where it is not from 0 to 1; 1 itself is refused where `whole` is False."""
    if not _is_number(given) or not 0 <= given <= 1 or given == 1 and not whole:
        expected = "a number from 0 to 1" if whole else "a number from 0 on and below 1"
        raise InputError(f"{method}: {option} {given!r}: expected {expected}")
    return given


def _is_number(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool)
