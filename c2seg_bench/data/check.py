"""What is wrong with a dataset folder, and what one should know of it, as a list instead of the first error."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from inspect import signature
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from c2seg_bench.data.cache import text_sha256
from c2seg_bench.data.images import lesion, read_grey, read_image
from c2seg_bench.data.source import SOURCES, SPLITS, Record
from c2seg_bench.errors import InputError

JPEG = 7  # how far from black or white JPEG may bring a mask's pixel
GENERATED_SIZE = 96  # side at which drawn pictures are looked at


@dataclass
class Report:
    """The answer. `problems` need mending; `notes` need knowing. Each is one line that names its file."""

    source: str
    root: str | None
    counts: dict[str, int]
    prompts: int  # distinct ones
    text_sha256: str
    sizes: dict[str, int]  # "224x224" (width first) -> pictures
    mask_values: dict[str, int]  # "0 255", "JPEG", ... -> masks
    empty_masks: int
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Look:
    """What one pair's pixels told."""

    problem: str | None = None
    size: str = ""
    values: str = ""
    empty: bool = False
    sha: str = ""


def check(
    name: str, root: Path | None = None, workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Read every table, picture and mask of a dataset. InputError only where there is no dataset to speak of."""
    source = SOURCES[name]
    problems: list[str] = []
    more: dict[str, Any] = {"complain": problems.append} if "complain" in signature(source.records).parameters else {}
    try:
        records = source.records(root, size=GENERATED_SIZE, **more)
    except InputError as e:  # such as a workbook without the columns: nothing after it could be read
        if root is None or not root.is_dir():
            raise
        records, problems = [], [*problems, str(e)]
    looks = []
    with ThreadPoolExecutor(workers) as pool:
        for i, seen in enumerate(pool.map(look, records)):
            looks.append(seen)
            if progress:
                progress(i + 1, len(records))
    splits = Counter(r.split for r in records)
    empty = [r.name for r, seen in zip(records, looks, strict=True) if seen.empty]
    report = Report(
        name,
        str(root) if root else None,
        {s: splits[s] for s in SPLITS},
        len({r.prompt for r in records}),
        text_sha256(records),
        _count(seen.size for seen in looks),
        _count(seen.values for seen in looks),
        len(empty),
        problems + [seen.problem for seen in looks if seen.problem],
    )
    if empty:
        report.notes.append(f"{len(empty)} masks are empty: {_few(empty)}")
    report.notes += [*_unused(records), *_shared(records, looks, source.subject)]
    return report


def look(record: Record) -> Look:
    """Read one pair. A generated one is taken as it is drawn."""
    try:
        if record.files:
            image, grey = read_image(record.files[0]), read_grey(record.files[1])
        else:
            image, grey = record.load()
    except InputError as e:
        return Look(problem=str(e))
    height, width = image.shape[:2]
    sha, size = hashlib.sha256(image.tobytes()).hexdigest(), f"{width}x{height}"
    where = record.files[1] if record.files else record.name
    values = mask_values(grey)
    if grey.shape != (height, width):
        wrong = f"{grey.shape[1]}x{grey.shape[0]} pixels but its picture {size}; mend or leave out the pair"
    elif values == "other":
        wrong = "grey values between black and white; only 0 and 255 (or 0 and 1) are meant, and above 127 is taken"
    else:
        wrong = None
    return Look(f"{where}: {wrong}" if wrong else None, size, values, not lesion(grey).any(), sha)


def mask_values(grey: np.ndarray) -> str:
    """Which kind a mask is: "0 255", "0 1", "JPEG" (near black or white), "0 65535" or "other". Empty: "0 255"."""
    top = int(grey.max(initial=0))
    if top <= 1:
        return "0 1" if top else "0 255"
    white = 255 if top <= 255 else 65535
    if ((grey == 0) | (grey == white)).all():
        return f"0 {white}"
    near = (grey <= JPEG) | (grey >= white - JPEG)
    return "JPEG" if white == 255 and near.all() else "other"


def _unused(records: list[Record]) -> list[str]:
    """Files beside the dataset's own that no prompt speaks of."""
    used = defaultdict(set)
    for record in records:
        for file in record.files:
            used[file.parent].add(file.name)
    notes = []
    for folder, names in sorted(used.items()):
        endings = {Path(n).suffix for n in names}
        rest = sorted(p.name for p in folder.iterdir() if p.suffix in endings and p.name not in names)
        if rest:
            notes.append(f"{folder}: {len(rest)} files that no prompt speaks of: {_few(rest)}")
    return notes


def _shared(records: list[Record], looks: list[Look], subject: Callable[[str], str | None]) -> list[str]:
    """Subjects and pictures that two splits have in common: what was trained on is tested on."""
    subjects: dict[str, set[str]] = defaultdict(set)
    pictures: dict[str, dict[str, str]] = defaultdict(dict)
    for record, seen in zip(records, looks, strict=True):
        if person := subject(record.name):
            subjects[record.split].add(person)
        if seen.sha:
            pictures[record.split][seen.sha] = record.name
    notes = []
    for a, b in combinations(SPLITS, 2):
        if both := sorted(subjects[a] & subjects[b]):
            notes.append(f"{len(both)} subjects are in both {a} and {b}: {_few(both)}")
        if same := sorted(pictures[a].keys() & pictures[b].keys()):
            names = [f"{pictures[a][sha]} = {pictures[b][sha]}" for sha in same]
            notes.append(f"{len(same)} pictures are in both {a} and {b}: {_few(sorted(names))}")
    return notes


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(v for v in values if v).most_common())


def _few(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
