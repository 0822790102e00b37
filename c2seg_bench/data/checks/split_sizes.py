"""Whether the splits have the sizes of those that published numbers refer to."""

from __future__ import annotations

from collections import Counter

from c2seg_bench.data.checks.finding import CheckedSet, Finding, dataset_check
from c2seg_bench.data.source import SPLITS


@dataset_check
def official(dataset: CheckedSet) -> list[Finding]:
    """The known splits that have these counts, or how far they are from the nearest."""
    if not dataset.source.official:
        return []
    have = Counter(record.split for record in dataset.records)
    counts = tuple(have[split] for split in SPLITS)
    for name, official_counts in dataset.source.official.items():
        if counts == official_counts:
            return [Finding(f"the counts are those of {name}'s splits")]
    known = dataset.source.official
    nearest = min(known, key=lambda name: sum(abs(a - b) for a, b in zip(counts, known[name], strict=True)))
    off = [
        f"{split} {n} of {expected}"
        for split, n, expected in zip(SPLITS, counts, known[nearest], strict=True)
        if n != expected
    ]
    return [Finding(f"the counts are not those of any known splits; nearest are {nearest}'s, with {', '.join(off)}")]
