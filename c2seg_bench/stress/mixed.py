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
    "Bilateral pulmonary infection, two infectrd areas, upperleft lung and lower right lung",
    "every finding, for a patient reader",
)
def mixed(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """As many other families as the severity says, one after the other, each as at severity 1.

    A family that finds nothing to edit, or that would undo an edit, makes room for the next.
    """
    met = [text]
    for part in random.sample(PARTS, len(PARTS)):
        noisy = part(met[-1], 1, random, pool)
        if noisy not in met:
            met.append(noisy)
        if len(met) > severity:
            break
    return met[-1]
