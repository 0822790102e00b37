"""Careless punctuation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.prompt_parts import DENIAL, REMOVABLE_COMMA
from c2seg_bench.stress.severity import SHARES

MARK = re.compile(r"([,.;:])(?:\s+|$)")
REMOVABLE = re.compile(rf"{REMOVABLE_COMMA}|\.(?=\s*$)", re.IGNORECASE)


@family(
    "punctuation",
    "kept",
    "commas and full stops lost, doubled or without their space",
    "Bilateral pulmonary infection two infected areas,upper left lung and lower right lung",
    "every word",
)
def punctuation(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Edits each mark with probability 0.3 plus twice the severity's share: a prompt has few marks, or none."""
    share = 2 * SHARES[severity] + 0.3
    has_denial = DENIAL.search(text)  # the comma that ends a denial stays

    def edit(match: re.Match[str]) -> str:
        mark = match.group(1)
        removable = REMOVABLE.match(text, match.start()) and not (has_denial and mark == ",")
        edited = random.choice((" " if removable else mark, f"{mark}{mark} ", mark))
        return edited if random.random() < share else match.group()

    return MARK.sub(edit, text).rstrip(" ") if text.strip() else text
