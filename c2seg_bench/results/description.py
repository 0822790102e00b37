"""What the code says of a method; a cell's record keeps it, so that a report need not import the code."""

from __future__ import annotations

from typing import Any

from c2seg_bench.results.records import Description, TrainedRecord
from c2seg_bench.suite import MethodEntry, Suite


def description(suite: Suite, method: MethodEntry) -> dict[str, Any]:
    """The fields of `Description`, of today's code. Imports the method."""
    from baselines import registry

    method.register()
    card = registry.get(method.name).card
    return {
        "title": card.title,
        "published": card.published,
        "deviations": list(card.deviations),
        "link": card.link,
        "weights": given_weights(suite, method),
    }


def given_weights(suite: Suite, method: MethodEntry) -> dict[str, str]:
    """Option -> name on the hub or folder of the weights that the method starts from; empty: from scratch."""
    from baselines import registry

    options = {**registry.options(method.name, method.size or suite.size), **suite.options(method)}
    return {name: str(value) for name, value in options.items() if name.endswith("weights") and value != "none"}


def described(suite: Suite, method: MethodEntry, record: TrainedRecord) -> Description:
    """As in the record of a cell; those of earlier versions have no description, so today's code gives it."""
    return record.description or Description(**description(suite, method))
