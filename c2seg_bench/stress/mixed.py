"""Several kinds of careless writing in one prompt."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.script import case, merge, ocr, punctuation, split
from c2seg_bench.stress.typos import delete, insert, keyboard, swap

PARTS = (keyboard, swap, delete, insert, ocr, case, punctuation, split, merge)


@family(
    "mixed",
    "kept",
    "one careless edit after another, of any kind",
    "Bilateral pulmonary infection, two infceted areas, upper leftlung and lower right lung",
    "every finding, for a patient reader",
)
def mixed(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """As many edits as the severity says, each of another family; the first ones are those of a lower severity."""
    order = random.sample(PARTS, len(PARTS))
    for part in order[:severity]:
        text = part(text, 1, random, pool)
    return text
