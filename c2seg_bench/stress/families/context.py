"""Sentences before or after the prompt that are irrelevant to the segmentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family

SENTENCES = {
    "chest": (
        "Patient with fever and cough.",
        "Portable AP view.",
        "Heart size is normal.",
        "No pleural effusion.",
        "Central venous line in place.",
        "No rib fracture.",
        "Mediastinum is not widened.",
        "Image quality is good.",
    ),
    "polyp": (
        "Adequate bowel preparation.",
        "Seen on withdrawal.",
        "White light endoscopy.",
        "No bleeding.",
        "Some residual fluid.",
        "Patient aged over fifty.",
        "Vascular pattern is regular.",
        "Good insufflation.",
    ),
}
LONG_WORD = re.compile(r"[a-z]{5,}")


@family(
    "context",
    "kept",
    "irrelevant sentences added",
    "Portable AP view. Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung",
    "every word of the prompt",
)
def context(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Adds as many sentences as the severity, before and after; none denies anything that the prompt mentions."""
    if not text.strip():
        return text
    mentioned = set(LONG_WORD.findall(text.lower()))
    candidates = SENTENCES["polyp" if "polyp" in text.lower() else "chest"]
    usable = [s for s in candidates if not s.startswith("No ") or mentioned.isdisjoint(LONG_WORD.findall(s.lower()))]
    noisy = text
    for sentence in random.sample(usable, len(usable))[:severity]:
        before = random.random() < 0.5
        end = "" if noisy.rstrip().endswith((".", "!", "?")) else "."
        noisy = f"{sentence} {noisy}" if before else f"{noisy.rstrip()}{end} {sentence}"
    return noisy
