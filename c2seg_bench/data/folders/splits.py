"""Splits that people name in other words, and a validation split taken from train where there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from c2seg_bench.data.folders.layout import SPLIT_NAMES
from c2seg_bench.data.source import Record
from c2seg_bench.errors import InputError
from c2seg_bench.seeding import seed


def split_of(text: str) -> str | None:
    """train, val or test, of a cell such as Training or dev; None if it is none of them."""
    word = text.strip().lower()
    return next((split for split, names in SPLIT_NAMES.items() if word in names), None)


def check_share(share: Any) -> None:
    """InputError unless the share is None or a number between 0 and 1."""
    if share is not None and (isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1):
        raise InputError(f"options: validation: {share!r}; give the share of train to take, such as 0.1")


def take_validation(train: Sequence[Record], share: float) -> tuple[list[Record], list[Record]]:
    """Train and val: about this share of train becomes val.

    Images of one subject stay together. Which are taken is decided by the subjects' or images' names, so that it
    does not change with the order of the rows, and hardly with their number.
    """
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in train:
        groups[record.subject or record.name].append(record)
    needed, chosen = max(1, round(share * len(train))), set()
    for group in sorted(groups, key=lambda name: seed("validation", name)):
        if needed <= 0:
            break
        chosen.add(group)
        needed -= len(groups[group])
    val = [replace(r, split="val") for r in train if (r.subject or r.name) in chosen]
    return [r for r in train if (r.subject or r.name) not in chosen], val
