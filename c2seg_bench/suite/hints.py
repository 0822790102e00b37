"""What to do about an unknown key of a suite: the place where it belongs, or the key that was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from c2seg_bench.suite.evaluation import Referring, Score, Stress
from c2seg_bench.suite.method import MethodEntry
from c2seg_bench.suite.outside import OutsideEntry, kind_of
from c2seg_bench.suite.schema import Dataset, Suite
from c2seg_bench.suite.training import Follow, Noise, Pretrain, Train

# where each key of a suite belongs: the first that has it is proposed
PLACES: dict[str, type[BaseModel]] = {
    "at the top of the file": Suite,
    "under train:": Train,
    "under pretrain:": Pretrain,
    "under stress:": Stress,
    "under score:": Score,
    "under referring:": Referring,
    "under datasets: NAME:": Dataset,
    "in an entry of methods:": MethodEntry,
    "in an entry of methods: that has a predictor or predictions": OutsideEntry,
    "under train: noise:": Noise,
    "under train: follow:": Follow,
}


def hint(location: tuple[int | str, ...], suite: dict[str, Any]) -> str:
    """The clause after "unknown key" for a key at this location of a suite file.

    Args:
        location: keys and indices down to the unknown key, as pydantic gives them without the kind of an entry.
        suite: the file as it was read.
    """
    key, parent = str(location[-1]), value_at(suite, location[:-1])
    if key in options_of(location, parent):
        return f"it is an option: write options: {{{key}: ...}}"
    if homes := [place for place, model in PLACES.items() if key in model.model_fields]:
        return f"it belongs {homes[0]}"
    known = list(schema_of(location, parent).model_fields)
    # an entry of methods may be meant to be of the other kind: a misspelled predictor makes it look like a trained one
    entries = [*MethodEntry.model_fields, *OutsideEntry.model_fields] if location[0] == "methods" else []
    if near := difflib.get_close_matches(key, [*known, *entries], n=1):
        return f"did you mean {near[0]!r}?"
    everywhere = sorted({*known, *options_of(location, parent)})
    near = difflib.get_close_matches(key, everywhere, n=1)
    return f"did you mean {near[0]!r}, under options:?" if near else f"known keys: {', '.join(known)}"


def value_at(suite: Any, location: Iterable[int | str]) -> Any:
    """What lies at a location; None if nothing does."""
    for key in location:
        try:
            suite = suite[key]
        except (KeyError, IndexError, TypeError):
            return None
    return suite


def schema_of(location: tuple[int | str, ...], parent: Any) -> type[BaseModel]:
    """The model of the mapping that the key is in."""
    if len(location) == 1:
        return Suite
    if location[0] == "datasets":
        return Dataset
    if location[0] == "methods":
        return OutsideEntry if kind_of(parent) == "outside" else MethodEntry
    parts: dict[str, type[BaseModel]] = {"noise": Noise, "follow": Follow}
    if location[0] == "train" and len(location) > 2:
        return parts.get(str(location[1]), Train)
    sections: dict[str, type[BaseModel]] = {
        "train": Train,
        "pretrain": Pretrain,
        "stress": Stress,
        "referring": Referring,
        "score": Score,
    }
    return sections.get(str(location[0]), Suite)


def options_of(location: tuple[int | str, ...], parent: Any) -> list[str]:
    """Options of the method or the source of the entry that the key is in; none where there is no such entry."""
    if not isinstance(parent, dict) or len(location) < 2:
        return []
    if location[0] == "methods":
        from baselines import registry

        name = parent.get("name")
        return list(registry.options(name, "tiny")) if isinstance(name, str) and name in registry.METHODS else []
    if location[0] == "datasets":
        from c2seg_bench.data.source import SOURCES

        source = parent.get("source")
        return SOURCES[source].options if isinstance(source, str) and source in SOURCES else []
    return []
