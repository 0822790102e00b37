"""Reads a dataset once and writes its prepared form."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.data.cache.cache import CONTENT, FILES, Cache
from c2seg_bench.data.cache.manifest import FORMAT, manifest_of, sha_of
from c2seg_bench.data.cache.source_files import content_of, source_files, state_of
from c2seg_bench.data.images.resize import resized_image, resized_mask
from c2seg_bench.data.source import SOURCES, Record, list_records
from c2seg_bench.errors import InputError
from c2seg_bench.files import SUMS, beside, checksum_lines, is_full_disk, user_path, write_json
from c2seg_bench.files.digests import digest

UNFINISHED = re.compile(r"\.(manifest-\d+\.json|SHA256SUMS-\d+)")
OTHERS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave in any folder
SMALLEST = 8  # pixels a side


def prepare(
    name: str,
    out: str | Path,
    size: int,
    root: str | Path | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    records: list[Record] | None = None,
    **options: Any,
) -> Cache:
    """Read a dataset once and keep it at size x size.

    What was prepared with the same arguments from the same files, wherever these lie now, is opened as it is. A cache
    made with others is replaced; a folder with anything else in it is left alone. Images are resized by area (down)
    or bilinearly (up), masks as `resized_mask` says.

    Args:
        name: of the source.
        out: folder of the cache; written beside it and renamed when whole.
        workers: threads; the result does not depend on them.
        progress: called with (done, total).
        records: of `list_records` with the same arguments, where they are listed already.
        **options: of the source.

    Raises:
        InputError: what is wrong with the folder, a file or an option.
    """
    out = user_path(out, "out")
    root = user_path(root, "root") if root is not None else None
    if size < SMALLEST:
        raise InputError(f"size: {size}: images cannot be that small; give {SMALLEST} pixels or more")
    if records is None:
        records = list_records(name, root, size, **options)
    request = _request(name, size, options, records)
    if (cached := _reusable(out, request, root, records)) is not None:
        return cached
    with _replaced_when_whole(out, f"{len(records)} pairs at {size}x{size}") as part:
        files = source_files(root, records)
        index = _write_arrays(part, records, size, workers, progress)
        index.to_parquet(part / "index.parquet", index=False)
        manifest = manifest_of(SOURCES[name], records, index, size, root, options, request, files)
        (part / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        (part / SUMS).write_text(checksum_lines([part / name for name in CONTENT]), encoding="utf-8")
    return Cache.open(out)


@contextmanager
def _replaced_when_whole(out: Path, content: str) -> Iterator[Path]:
    """A folder beside `out` to write into. At the end it takes the place of `out`; after an error it is removed.

    Raises:
        InputError: the folder cannot be made, or the disk is full; the message names the `content`.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = beside(out)
        part.mkdir(exist_ok=True)
    except OSError as e:
        raise InputError(f"{out}: cannot be written ({e.strerror}); give another folder") from None
    try:
        yield part
        if out.exists():
            shutil.rmtree(out)  # a cache and nothing else: _reusable has looked
        part.rename(out)
    except OSError as e:
        if not is_full_disk(e):
            raise
        raise InputError(f"{out}: no space for {content}; make room or give another folder") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _reusable(out: Path, request: str, root: Path | None, records: list[Record]) -> Cache | None:
    """The cache of this request and these files, if there is one.

    Where the files have moved or have other times but the same bytes, its manifest notes that.

    Raises:
        InputError: the folder has files that are not a cache's.
    """
    if not out.exists():
        return None
    others = [out.name] if not out.is_dir() else sorted(p.name for p in out.iterdir() if not _may_be_in_cache(p.name))
    if others:
        raise InputError(f"{out}: is not a prepared dataset (it has {others[0]}); give a new or an empty folder")
    try:
        cached = Cache.open(out)
    except InputError as e:  # broken, or of another version: replaced
        if (out / "manifest.json").exists():
            print(f"{str(e).rpartition(';')[0]}; it is prepared again", file=sys.stderr)
        return None
    stored = cached.manifest.get("files")
    if cached.manifest.get("request") != request or not isinstance(stored, dict):
        return None
    if stored.get("state") == (state := state_of(root, records)):
        return cached
    if stored.get("content") != content_of(records):
        return None
    cached.manifest |= {"root": str(root) if root else None, "files": {**stored, "state": state}}
    write_json(out / "manifest.json", cached.manifest, checksum=True)
    return cached


def _may_be_in_cache(name: str) -> bool:
    """Whether a file of this name is a cache's, one that a killed process was writing, or of a file manager."""
    return name in FILES | OTHERS or UNFINISHED.fullmatch(name) is not None


def _request(name: str, size: int, options: dict[str, Any], records: list[Record]) -> str:
    """Digest of all that decides the cache but the bytes of the files: source, size, options and every pair."""
    pairs = [(r.name, r.split, r.prompt, r.subject, len(r.files)) for r in records]
    return digest([FORMAT, name, size, options, pairs])


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
                f"{_where(record)}: image {image.shape[1]}x{image.shape[0]} but mask {mask.shape[1]}x{mask.shape[0]} "
                "pixels; correct or leave out the pair"
            )
        images[i], masks[i] = resized_image(image, size), resized_mask(mask, size)
        return {
            "name": record.name,
            "split": record.split,
            "prompt": record.prompt,
            "subject": record.subject,
            "height": mask.shape[0],
            "width": mask.shape[1],
            "image_sha": sha_of(images[i]),
            "mask_sha": sha_of(masks[i]),
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
                if is_full_disk(e):  # other errors: the file system cannot allocate ahead
                    raise
    return array


def _where(record: Record) -> str:
    return str(record.files[0]) if record.files else record.name
