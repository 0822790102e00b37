"""Files that no row of a table names."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from c2seg_bench.data.checks.finding import CheckedSet, Finding, dataset_check


@dataset_check
def unused(dataset: CheckedSet) -> list[Finding]:
    """Files beside the dataset's own that have no prompt."""
    used = defaultdict(set)
    for record in dataset.records:
        for file in record.files:
            used[file.parent].add(file.name)
    findings = []
    for folder, names in sorted(used.items()):
        endings = {Path(n).suffix for n in names}
        rest = sorted(p.name for p in folder.iterdir() if p.suffix in endings and p.name not in names)
        if rest:
            findings.append(Finding(f"{folder}: {len(rest)} files without a prompt", rest))
    return findings
