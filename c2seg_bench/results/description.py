"""What the code says of a method; a cell's record keeps it, so that a report need not import the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from c2seg_bench.suite import MethodEntry, Suite


def description(suite: Suite, method: MethodEntry) -> dict[str, Any]:
    """`title`, `published` and `deviations` of the method's card, and `weights`, those that it starts from.

    `weights` is option -> name on the hub or folder; empty: from scratch.
    """
    from baselines import registry

    card = registry.get(method.name).card
    options = {**registry.options(method.name, method.size or suite.size), **suite.options(method)}
    weights = {name: str(value) for name, value in options.items() if name.endswith("weights") and value != "none"}
    return {
        "title": card.title,
        "published": card.published,
        "deviations": list(card.deviations),
        "weights": weights,
    }


def described(suite: Suite, method: MethodEntry, record: Mapping[str, Any]) -> dict[str, Any]:
    """As in the record of a cell; those of earlier versions have no description, and today's code is asked."""
    return record.get("description") or description(suite, method)
