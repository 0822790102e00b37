"""Several kinds of careless writing in one prompt."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.families.letter_case import case
from c2seg_bench.stress.families.misspellings import delete, insert, keyboard, swap
from c2seg_bench.stress.families.ocr import ocr
from c2seg_bench.stress.families.punctuation import punctuation
from c2seg_bench.stress.families.word_boundaries import merge, split
from c2seg_bench.stress.family import family

MIXED = (keyboard, swap, delete, insert, ocr, case, punctuation, split, merge)


@family(
    "mixed",
    "kept",
    "one careless edit after another, of any kind",
    "Bilateral pulmonary infection, two infectrd areas, upperleft lung and lower right lung",
    "every finding, for a patient reader",
)
def mixed(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Applies as many other families as the severity, one after another, each at its severity 1.

    A family that finds nothing to edit, or that would undo an earlier edit, is replaced by the next.
    """
    versions = [text]
    for perturb in random.sample(MIXED, len(MIXED)):
        noisy = perturb(versions[-1], 1, random, pool)
        if noisy not in versions:
            versions.append(noisy)
        if len(versions) > severity:
            break
    return versions[-1]
