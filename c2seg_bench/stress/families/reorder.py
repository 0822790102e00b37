"""Clauses in another order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.wording import match_case, uncapitalize

CLAUSE_BREAK = re.compile(r",\s*|\s+(?=involving\b)|\s+(?=with involvement\b)|\s+(?=affecting\b)")


@family(
    "reorder",
    "kept",
    "clauses in another order",
    "Two infected areas, upper left lung and lower right lung, bilateral pulmonary infection",
    "every word",
    graded=False,
)
def reorder(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The clauses between commas, or around "involving", shuffled until their order differs."""
    full_stop = "." if text.rstrip().endswith(".") else ""
    body = text.rstrip().removesuffix(".")
    if "located in" in body:  # the places of a polyp are a list with commas of its own
        finding, _, places = body.partition(" located in ")
        if not (finding and places):
            return text
        return match_case(f"located in {places}, {uncapitalize(finding.rstrip(','))}{full_stop}", text)
    clauses = CLAUSE_BREAK.split(body)
    if len(set(clauses)) < 2:
        return text
    order = list(range(len(clauses)))
    while order == sorted(order):
        random.shuffle(order)
    return match_case(", ".join(uncapitalize(clauses[i]) for i in order), text) + full_stop
