"""Checks the options of a method against the types that its `__init__` states, before it is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from baselines.errors import InputError

EXPECTED = {int: "a whole number", float: "a number", str: "text", bool: "true or false", NoneType: "nothing (null)"}
EXPECTED_ITEMS = {int: "whole numbers", float: "numbers", str: "texts"}


def typed(name: str, method: type, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The options with values of the stated types: a whole number becomes a float where a number is stated.

    Args:
        name: of the method, for messages.
        method: its class; options without a type are left as they are.
        chosen: option -> value.

    Raises:
        InputError: the value of an option is not of the stated type.
    """
    try:
        types = get_type_hints(method.__init__)  # type: ignore[misc]
    except (NameError, TypeError):  # a file of one's own may import its types for a checker only
        return dict(chosen)
    for option, value in chosen.items():
        if option in types and not is_of(value, types[option]):
            raise InputError(f"{name}: {option} {value!r}: expected {described(types[option])}")
    return {option: float(value) if types.get(option) is float else value for option, value in chosen.items()}


def is_of(value: Any, kind: Any) -> bool:
    """Whether a value from a suite is of a type; True for types that no suite can state."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(is_of(value, part) for part in parts)
    if origin is tuple and Ellipsis not in parts:
        fits = isinstance(value, (list, tuple)) and len(value) == len(parts)
        return fits and all(is_of(item, part) for item, part in zip(value, parts, strict=True))
    if origin in (Sequence, list, tuple):
        return isinstance(value, (list, tuple)) and all(is_of(item, parts[0]) for item in value)
    if kind in (int, float):  # True is no number, and 1 is a float
        return isinstance(value, (int, kind)) and not isinstance(value, bool) and isfinite(value)
    return not isinstance(kind, type) or kind is object or isinstance(value, kind)


def described(kind: Any) -> str:
    """What a value of the type is, for messages."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(described(part) for part in parts)
    if origin in (Sequence, list, tuple):
        number = f"{len(parts)} " if origin is tuple and Ellipsis not in parts else ""
        return f"a list of {number}{EXPECTED_ITEMS.get(parts[0], 'values')}"
    return EXPECTED.get(kind, getattr(kind, "__name__", str(kind)))
