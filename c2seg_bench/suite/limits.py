"""Bounds on the values of a suite, and checks that several of its keys share."""

from __future__ import annotations

from typing import Any

MOST = 1_000_000  # of epochs, steps and images: more is a slip of the keyboard
ENTRIES = 1000  # of any list in a suite


def every_family(value: Any) -> Any:
    """The word "all" as the names of all families of noise, "kept" as those that keep the meaning."""
    if value not in ("all", "kept"):
        return value
    from c2seg_bench.stress import FAMILIES

    return sorted(name for name, family in FAMILIES.items() if value == "all" or family.kind == "kept")


def each_once(value: list[Any]) -> list[Any]:
    if twice := [v for i, v in enumerate(value) if v in value[:i]]:
        raise ValueError(f"{twice[0]!r} is given twice; keep one")
    return value
