"""The prompt as a note, without words and punctuation that a reader does not need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.phrases import random_share
from c2seg_bench.stress.prompt_parts import DENIAL, REMOVABLE_AND, REMOVABLE_COMMA

REMOVABLE = re.compile(
    r"\s*\b(?:pulmonary|infected(?=\s+(?:areas?|regions?)\b)|involving|with involvement of|the|of the image|located in"
    rf"|of|affecting)\b|{REMOVABLE_AND}|{REMOVABLE_COMMA}(?=\s)|\.$",
    re.IGNORECASE,
)


@family(
    "telegraphic",
    "kept",
    "words and punctuation dropped that a note can do without",
    "Bilateral infection, two areas, upper left lung lower right lung",
    "every finding",
)
def telegraphic(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Drops four times the severity's share of these words and marks: all of them at 5."""
    has_denial = DENIAL.search(text)  # the comma that ends a denial stays
    matches = [match for match in REMOVABLE.finditer(text) if not (has_denial and match.group() == ",")]
    if not matches:
        return text
    dropped = random_share(matches, severity, random)
    parts, end = [], 0
    for i, match in enumerate(matches):
        parts.append(text[end : match.start()] if i in dropped else text[end : match.end()])
        end = match.end()
    return "".join(parts + [text[end:]]).strip()
