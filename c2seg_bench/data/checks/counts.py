"""Whether the splits are those that the published numbers are about."""

from __future__ import annotations

from collections import Counter

from c2seg_bench.data.checks.question import Finding, Material, question
from c2seg_bench.data.source import SPLITS


@question
def official(found: Material) -> list[Finding]:
    """The named split that the counts are of, or how far they are from the nearest."""
    if not found.source.official:
        return []
    have = Counter(record.split for record in found.records)
    counts = tuple(have[split] for split in SPLITS)
    for name, wanted in found.source.official.items():
        if counts == wanted:
            return [Finding(f"the counts are those of {name}'s splits")]
    known = found.source.official
    nearest = min(known, key=lambda name: sum(abs(a - b) for a, b in zip(counts, known[name], strict=True)))
    off = [
        f"{split} {n} of {wanted}"
        for split, n, wanted in zip(SPLITS, counts, known[nearest], strict=True)
        if n != wanted
    ]
    return [Finding(f"the counts are not those of any known splits; nearest are {nearest}'s, with {', '.join(off)}")]
