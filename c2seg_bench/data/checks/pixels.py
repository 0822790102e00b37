"""Masks that are empty, full or inverted, and images that show nothing."""

from __future__ import annotations

from c2seg_bench.data.checks.finding import CheckedSet, Finding, dataset_check

MOST = 0.75  # share of an image that a lesion may cover without a note
SMALLEST = 16  # pixels a side


@dataset_check
def lesions(dataset: CheckedSet) -> list[Finding]:
    """Masks without lesion, with lesion everywhere, or nearly everywhere."""
    empty, full, large = [], [], []
    for _, record, pair in dataset.readable():
        if pair.lesion == 0:
            empty.append(record.name)
        elif pair.lesion == 1:
            full.append(str(record.files[1]) if record.files else record.name)
        elif pair.lesion > MOST:
            large.append(record.name)
    findings = [Finding(f"{name}: all of the mask is lesion; draw it again", problem=True) for name in full]
    if empty:
        findings.append(Finding(f"{len(empty)} masks are empty", empty))
    if large:
        findings.append(
            Finding(f"{len(large)} masks cover more than {MOST:.0%}; are black and white exchanged?", large)
        )
    return findings


@dataset_check
def images(dataset: CheckedSet) -> list[Finding]:
    """Images that show nothing."""
    findings = []
    for _, record, pair in dataset.readable():
        where = str(record.files[0]) if record.files else record.name
        if pair.thumb is not None and pair.thumb.min() == pair.thumb.max():
            findings.append(Finding(f"{where}: one colour all over; replace the image", problem=True))
        elif min(map(int, pair.size.split("x"))) < SMALLEST:
            findings.append(Finding(f"{where}: {pair.size} pixels are too few; replace the image", problem=True))
    return findings
