"""What is wrong with a dataset folder, and what one should know of it, as a list instead of the first error."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from c2seg_bench.data.cache import resized_mask, text_sha256
from c2seg_bench.data.checks import Look, Material, ask_all
from c2seg_bench.data.checks.question import SIDE
from c2seg_bench.data.images import lesion, read_image
from c2seg_bench.data.masks import JPEG, doubt, read_shades
from c2seg_bench.data.source import SOURCES, SPLITS, Record
from c2seg_bench.errors import InputError

GENERATED_SIZE = 96  # side at which drawn pictures are looked at
THUMB = 32  # side of the pictures in small


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
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)  # what was found -> everything that it is about


def check(
    name: str,
    root: Path | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    encoder: str = "minilm",
    **options: Any,
) -> Report:
    """Read every table, picture and mask of a dataset, and put the questions of `checks` to what was read.

    Args:
        name: of the source.
        root: folder of the dataset.
        workers: threads.
        progress: called with (done, total).
        encoder: whose tokens the methods' limits are counted in.
        **options: of the source.

    Raises:
        InputError: there is no dataset to speak of.
    """
    source = SOURCES[name]
    problems: list[str] = []
    more: dict[str, Any] = {"complain": problems.append} if "complain" in signature(source.records).parameters else {}
    try:
        records = source.records(root, size=GENERATED_SIZE, **more, **options)
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
    problems += [seen.problem for seen in looks if seen.problem]
    findings = ask_all(Material(source, records, looks, encoder)) if records else []
    splits = Counter(r.split for r in records)
    return Report(
        name,
        str(root) if root else None,
        {s: splits[s] for s in SPLITS},
        len({r.prompt for r in records}),
        text_sha256(records),
        _count(seen.size for seen in looks),
        _count(seen.values for seen in looks),
        problems + [str(f) for f in findings if f.problem],
        [str(f) for f in findings if not f.problem],
        {f.what: f.names for f in findings if f.names},
    )


def look(record: Record) -> Look:
    """Read one pair. A generated one is taken as it is drawn."""
    import cv2

    try:
        image, grey, why = _read(record)
    except InputError as e:
        return Look(problem=str(e))
    height, width = image.shape[:2]
    size = f"{width}x{height}"
    if grey.shape != (height, width):
        where = record.files[1] if record.files else record.name
        why = f"{where}: {grey.shape[1]}x{grey.shape[0]} pixels but its picture {size}; mend or leave out the pair"
    if why is not None:
        return Look(why, size, mask_values(grey))
    mask, small = lesion(grey), cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    return Look(
        None,
        size,
        mask_values(grey),
        float(mask.mean()),
        hashlib.sha256(image.tobytes()).hexdigest(),
        cv2.resize(small, (THUMB, THUMB), interpolation=cv2.INTER_AREA),
        np.packbits(resized_mask(mask, SIDE) > 0),
    )


def _read(record: Record) -> tuple[np.ndarray, np.ndarray, str | None]:
    """Picture, values of the mask, and what is wrong with these, if anything; a rim of grey is told, too."""
    if not record.files:
        return *record.load(), None
    picture, mask = record.files
    image, grey = read_image(picture), read_shades(mask)
    why = doubt(grey, mask)
    if why is None and mask_values(grey) == "other":
        why = f"{mask}: grey values between black and white; only 0 and 255 (or 0 and 1) are meant, above 127 is taken"
    return image, grey, why


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


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(v for v in values if v).most_common())
