"""Every fault of a dataset folder, and what else is worth knowing, as a list instead of the first error."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from c2seg_bench.data.cache.manifest import text_sha256
from c2seg_bench.data.checks.finding import SIDE, CheckedPair, CheckedSet, run_checks
from c2seg_bench.data.images.image_files import read_image
from c2seg_bench.data.images.resize import resized_mask
from c2seg_bench.data.masks.mask_files import JPEG_NOISE
from c2seg_bench.data.source import SOURCES, SPLITS, Record, Source
from c2seg_bench.errors import InputError
from metrics.consistency import Frame
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.reader.ontology import load_ontology

GENERATED_SIZE = 96  # side at which generated images are drawn
THUMB = 32  # side of the thumbnails


@dataclass
class Report:
    """`problems` must be fixed, `notes` are worth knowing. Each is one line that names its file."""

    source: str
    root: str | None
    counts: dict[str, int]
    prompts: int  # distinct ones
    text_sha256: str
    sizes: dict[str, int]  # "224x224" (width first) -> images
    mask_values: dict[str, int]  # "0 255", "JPEG", ... -> masks
    ontology: str  # that prompts were read with
    frame: str  # that masks were compared with them in
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)  # finding -> all names that it concerns


def check(
    name: str,
    root: Path | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    encoder: str = "minilm",
    ontology: str | None = None,
    frame: str | None = None,
    **options: Any,
) -> Report:
    """Read every table, image and mask of a dataset, and run the checks of `checks` on what was read.

    Args:
        name: of the source.
        root: folder of the dataset.
        workers: threads.
        progress: called with (done, total).
        encoder: whose tokens the methods' limits are counted in.
        ontology, frame: by name or file, instead of the source's own.
        **options: of the source.

    Raises:
        InputError: there is no folder to read, an unknown option, or a wrong ontology or frame.
    """
    source = SOURCES[name]
    source.check_options(options)
    source = replace(source, ontology=ontology or source.ontology, frame=frame or source.frame)
    fit_grid(Frame.load(source.frame), load_ontology(source.ontology))
    records, problems = _list_records(source, root, options)
    pairs = []
    with ThreadPoolExecutor(workers) as pool:
        for i, pair in enumerate(pool.map(read_pair, records)):
            pairs.append(pair)
            if progress:
                progress(i + 1, len(records))
    problems += [pair.problem for pair in pairs if pair.problem]
    return _report(CheckedSet(source, records, pairs, encoder), root, problems)


def _list_records(source: Source, root: Path | None, options: dict[str, Any]) -> tuple[list[Record], list[str]]:
    """All pairs that can be listed, and a line per fault. InputError if there is no folder to read."""
    problems: list[str] = []
    try:
        return source.all_records(root, GENERATED_SIZE, problems.append, **options), problems
    except InputError as e:  # such as a workbook without the columns: nothing after it could be read
        if root is None or not root.is_dir():
            raise
        return [], [*problems, str(e)]


def _report(dataset: CheckedSet, root: Path | None, problems: list[str]) -> Report:
    """Runs the checks; `problems` are those of listing and reading."""
    records, source = dataset.records, dataset.source
    findings = run_checks(dataset) if records else []
    number_by_split = Counter(record.split for record in records)
    return Report(
        source=source.name,
        root=str(root) if root else None,
        counts={split: number_by_split[split] for split in SPLITS},
        prompts=len({record.prompt for record in records}),
        text_sha256=text_sha256(records),
        sizes=_count(pair.size for pair in dataset.pairs),
        mask_values=_count(pair.values for pair in dataset.pairs),
        ontology=source.ontology,
        frame=source.frame,
        problems=problems + [str(finding) for finding in findings if finding.problem],
        notes=[str(finding) for finding in findings if not finding.problem],
        names={finding.what: finding.names for finding in findings if finding.names},
    )


def read_pair(record: Record) -> CheckedPair:
    """Read one pair. A generated one is taken as it is drawn."""
    import cv2

    try:
        image, values, mask, why = _read(record)
    except InputError as e:
        return CheckedPair(problem=str(e))
    height, width = image.shape[:2]
    size = f"{width}x{height}"
    if values.shape != (height, width):
        where = record.files[1] if record.files else record.name
        why = f"{where}: {values.shape[1]}x{values.shape[0]} pixels but its image {size}; correct or leave out the pair"
    if why is not None or mask is None:
        return CheckedPair(why, size, mask_values(values))
    small = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    return CheckedPair(
        None,
        size,
        mask_values(values),
        float(mask.mean()),
        hashlib.sha256(image.tobytes()).hexdigest(),
        cv2.resize(small, (THUMB, THUMB), interpolation=cv2.INTER_AREA),
        np.packbits(resized_mask(mask, SIDE) > 0),
    )


def _read(record: Record) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, str | None]:
    """Image, values of the mask's file, the lesion, and what is wrong with the values, even a rim of grey."""
    if record.reader is None:
        image, mask = record.load()
        return image, mask, mask, None
    image_file, mask_file = record.files
    image, content = read_image(image_file), record.reader.values(mask_file)
    try:
        mask = record.reader.lesion(content, mask_file)
    except InputError as e:
        return image, content.values, None, str(e)
    why = None
    if mask_values(content.values) == "other":
        why = f"{mask_file}: grey values between black and white, cut at 127; save it with 0 and 255 only"
    return image, content.values, mask, why


def mask_values(values: np.ndarray) -> str:
    """Which kind a mask is: "0 255", "0 1", "JPEG" (near black or white), "0 65535" or "other". Empty: "0 255"."""
    top = values.max(initial=0)
    if top <= 1:
        return "other" if ((values > 0) & (values < 1)).any() else "0 1" if top else "0 255"
    white = 255 if top <= 255 else 65535
    if ((values == 0) | (values == white)).all():
        return f"0 {white}"
    near = (values <= JPEG_NOISE) | (values >= white - JPEG_NOISE)
    return "JPEG" if white == 255 and near.all() else "other"


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(v for v in values if v).most_common())
