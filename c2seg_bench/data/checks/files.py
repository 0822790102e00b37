"""Files that no row speaks of, and pictures and masks that cannot be what they should be."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from c2seg_bench.data.checks.question import Finding, Material, question

MOST = 0.75  # share of a picture that a lesion may take before one should look
SMALLEST = 16  # pixels a side


@question
def unused(found: Material) -> list[Finding]:
    """Files beside the dataset's own that no prompt speaks of."""
    used = defaultdict(set)
    for record in found.records:
        for file in record.files:
            used[file.parent].add(file.name)
    findings = []
    for folder, names in sorted(used.items()):
        endings = {Path(n).suffix for n in names}
        rest = sorted(p.name for p in folder.iterdir() if p.suffix in endings and p.name not in names)
        if rest:
            findings.append(Finding(f"{folder}: {len(rest)} files that no prompt speaks of", rest))
    return findings


@question
def lesions(found: Material) -> list[Finding]:
    """Masks with nothing, everything, or nearly everything in them."""
    empty, full, large = [], [], []
    for _, record, look in found.readable():
        if look.lesion == 0:
            empty.append(record.name)
        elif look.lesion == 1:
            full.append(str(record.files[1]) if record.files else record.name)
        elif look.lesion > MOST:
            large.append(record.name)
    findings = [Finding(f"{name}: all of the mask is lesion; draw it again", problem=True) for name in full]
    if empty:
        findings.append(Finding(f"{len(empty)} masks are empty", empty))
    if large:
        findings.append(
            Finding(f"{len(large)} masks cover more than {MOST:.0%}; are black and white exchanged?", large)
        )
    return findings


@question
def pictures(found: Material) -> list[Finding]:
    """Pictures that show nothing."""
    findings = []
    for _, record, look in found.readable():
        where = str(record.files[0]) if record.files else record.name
        if look.thumb is not None and look.thumb.min() == look.thumb.max():
            findings.append(Finding(f"{where}: one colour all over; replace the picture", problem=True))
        elif min(map(int, look.size.split("x"))) < SMALLEST:
            findings.append(Finding(f"{where}: {look.size} pixels are too few; replace the picture", problem=True))
    return findings
