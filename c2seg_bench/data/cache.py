"""The prepared form of any dataset: uint8 arrays to map into memory, an index, and a manifest with hashes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from c2seg_bench.data.source import SOURCES, SPLITS, Pair, Record, Source, list_records
from c2seg_bench.errors import InputError
from c2seg_bench.files import beside
from c2seg_bench.paths import user_path

FORMAT = 3  # 2: masks are shrunk by area; 3: with subjects
FILES = {"images.npy", "masks.npy", "index.parquet", "manifest.json"}
OTHERS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave in any folder
SMALLEST = 8  # pixels a side
HALF = 0.5 - 1e-4  # float32 sums of a block's shares may fall short of one half
ROOM = "make room or give another folder"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass
class Cache:
    """An opened cache.

    images (N, S, S, 3) uint8 and masks (N, S, S) uint8 0/1 are memory maps; index has the columns name, split, prompt,
    subject (the person that the picture is of, "" where that is not known), height, width (of the original), image_sha,
    mask_sha; manifest says where all of it came from.
    """

    folder: Path
    images: np.ndarray
    masks: np.ndarray
    index: pd.DataFrame
    manifest: dict[str, Any]

    @classmethod
    def open(cls, folder: str | Path) -> Cache:
        """Open a prepared folder; InputError where it is not one."""
        folder = Path(folder)
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            arrays = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("images", "masks")]
            index = pd.read_parquet(folder / "index.parquet")
        except FileNotFoundError as e:
            missing = Path(e.filename).name
            raise InputError(f"{folder}: not a prepared dataset ({missing} is missing); prepare it") from None
        except (ValueError, OSError) as e:
            reason = " ".join(str(e).split())
            raise InputError(f"{folder}: cannot be read ({reason}); delete it and prepare again") from None
        if not isinstance(manifest, dict):
            raise InputError(f"{folder}: cannot be read (manifest.json is no object); delete it and prepare again")
        if manifest.get("format") != FORMAT:
            raise InputError(f"{folder}: prepared by another version; delete it and prepare again")
        return cls(folder, arrays[0], arrays[1], index, manifest)

    def rows(self, split: str) -> np.ndarray:
        """(n,) int, the rows of a split in the order of the index."""
        return np.flatnonzero(self.index["split"].to_numpy() == split)


def prepare(
    name: str,
    out: str | Path,
    size: int,
    root: str | Path | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Cache:
    """Read a dataset once and keep it at size x size.

    What was prepared with the same arguments, from files that have not changed since, is opened as it is; a cache made
    with others is replaced, and a folder with anything else in it is left alone. Pictures are resized by area
    (down) or bilinearly (up), masks as `resized_mask` says.

    Args:
        name: of the source.
        out: folder of the cache; written beside it and renamed when whole.
        workers: threads; the result does not depend on them.
        progress: called with (done, total).
        **options: of the source.

    Raises:
        InputError: what is wrong with the folder, a file or an option.
    """
    out = user_path(out, "out")
    root = user_path(root, "root") if root is not None else None
    if size < SMALLEST:
        raise InputError(f"size: {size}: pictures cannot be that small; give {SMALLEST} pixels or more")
    records = list_records(name, root, size, **options)
    request = _request(name, size, options, root, records)
    if (cached := _reusable(out, request)) is not None:
        return cached
    part = _make_part(out)
    try:
        index = _write_arrays(part, records, size, workers, progress)
        index.to_parquet(part / "index.parquet", index=False)
        manifest = _manifest(SOURCES[name], records, index, size, root, options, request)
        (part / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        if out.exists():
            shutil.rmtree(out)  # a cache and nothing else: _reusable has looked
        part.rename(out)
    except OSError as e:
        if e.errno not in FULL:
            raise
        raise InputError(f"{out}: no space for {len(records)} pairs at {size}x{size}; {ROOM}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Cache.open(out)


def _make_part(out: Path) -> Path:
    """The folder beside `out` that is written first."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = beside(out)
        part.mkdir(exist_ok=True)
    except OSError as e:
        raise InputError(f"{out}: cannot be written ({e.strerror}); give another folder") from None
    return part


def _reusable(out: Path, request: str) -> Cache | None:
    """The cache of this request, if there is one. InputError where the folder has files that are not a cache's."""
    if not out.exists():
        return None
    others = sorted(p.name for p in out.iterdir() if p.name not in FILES | OTHERS) if out.is_dir() else [out.name]
    if others:
        raise InputError(f"{out}: is not a prepared dataset (it has {others[0]}); give a new or an empty folder")
    try:
        cached = Cache.open(out)
    except InputError:  # broken, or of another version: replaced
        return None
    return cached if cached.manifest.get("request") == request else None


def _request(name: str, size: int, options: dict[str, Any], root: Path | None, records: list[Record]) -> str:
    """Hash of all that decides the cache: source, size, options, every pair, and when its files last changed."""
    pairs = [(r.name, r.split, r.prompt, r.subject, [_state(p) for p in r.files]) for r in records]
    return _digest([FORMAT, name, size, options, str(root), pairs])


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _write_arrays(
    folder: Path, records: list[Record], size: int, workers: int, progress: Callable[[int, int], None] | None
) -> pd.DataFrame:
    n = len(records)
    images = _new_array(folder / "images.npy", (n, size, size, 3))
    masks = _new_array(folder / "masks.npy", (n, size, size))

    def one(i: int) -> dict[str, Any]:
        record = records[i]
        image, mask = record.load()
        if image.shape[:2] != mask.shape:
            raise InputError(
                f"{_where(record)}: picture {image.shape[1]}x{image.shape[0]} but mask {mask.shape[1]}x{mask.shape[0]} "
                "pixels; correct or leave out the pair"
            )
        images[i], masks[i] = resized((image, mask), size)
        return {
            "name": record.name,
            "split": record.split,
            "prompt": record.prompt,
            "subject": record.subject,
            "height": mask.shape[0],
            "width": mask.shape[1],
            "image_sha": _sha(images[i]),
            "mask_sha": _sha(masks[i]),
        }

    rows = []
    with ThreadPoolExecutor(workers) as pool:
        for i, row in enumerate(pool.map(one, range(n))):
            rows.append(row)
            if progress:
                progress(i + 1, n)
    images.flush()
    masks.flush()
    return pd.DataFrame(rows)


def _new_array(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """An array of uint8 to write to. Its blocks are taken at once: a full disk ends a write into a map with SIGBUS."""
    array = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    if hasattr(os, "posix_fallocate"):  # Linux
        with open(path, "r+b") as f:
            try:
                os.posix_fallocate(f.fileno(), 0, path.stat().st_size)
            except OSError as e:
                if e.errno in FULL:  # others: a file system that cannot do it
                    raise
    return array


def resized(pair: Pair, size: int) -> Pair:
    """Picture and mask at size x size."""
    image, mask = pair
    if mask.shape == (size, size):
        return image, mask
    way = cv2.INTER_AREA if min(mask.shape) >= size else cv2.INTER_LINEAR
    return cv2.resize(image, (size, size), interpolation=way), resized_mask(mask, size)


def resized_mask(mask: np.ndarray, size: int) -> np.ndarray:
    """(size, size) uint8 of a mask (H, W) of 0 and 1, in its place upon the picture.

    Shrunk: 1 where lesion covers half of the pixel or more, and if that is nowhere, where it covers most. Enlarged: the
    nearest pixel. Not cv2.INTER_NEAREST, which takes a block's upper left pixel and so shifts the mask by half of one.
    """
    if mask.shape == (size, size):
        return mask
    if min(mask.shape) < size:
        return cv2.resize(mask, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    share = cv2.resize(mask.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    small = (share >= HALF).astype(np.uint8)
    if mask.any() and not small.any():  # a target must not turn empty
        small.flat[share.argmax()] = 1
    return small


def _where(record: Record) -> str:
    return str(record.files[0]) if record.files else record.name


def _manifest(
    source: Source,
    records: list[Record],
    index: pd.DataFrame,
    size: int,
    root: Path | None,
    options: dict[str, Any],
    request: str,
) -> dict[str, Any]:
    splits = Counter(r.split for r in records)
    return {
        "format": FORMAT,
        "request": request,
        "source": source.name,
        "title": source.title,
        "options": options,
        "root": str(root) if root else None,
        "size": size,
        "ontology": source.ontology,
        "frame": source.frame,
        "published": source.published,
        "counts": {s: splits[s] for s in SPLITS},
        "subjects": _subjects(index, options),
        "text_sha256": text_sha256(records),
        "hash": _digest(index[["name", "split", "prompt", "image_sha", "mask_sha"]].to_numpy().tolist()),
    }


def _subjects(index: pd.DataFrame, options: dict) -> dict[str, Any]:
    """How many persons the pictures are of, of how many pictures that is known, and what says so."""
    known = index["subject"] != ""
    column = options.get("subject")
    origin = f"column {column}" if column else "file names" if known.any() else None
    return {"n": int(index["subject"][known].nunique()), "pictures": int(known.sum()), "from": origin}


def text_sha256(records: list[Record]) -> str:
    """Hash of every name with its prompt: several versions of a dataset's texts are public."""
    return _digest([(r.name, r.prompt) for r in records])


def _sha(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
