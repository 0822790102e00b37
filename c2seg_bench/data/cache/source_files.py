"""Whether the files that a cache was made of are the same: their sizes and times say so at once, else their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from c2seg_bench.data.source import Record
from c2seg_bench.files import sha256_of
from c2seg_bench.files.digests import digest


class SourceFiles(TypedDict):
    """What a manifest keeps of the files: digests of where they lay with their sizes and times, and of their bytes."""

    state: str
    content: str


def source_files(root: Path | None, records: Sequence[Record]) -> SourceFiles:
    """Both digests; reads every file. Call it before the images are loaded, so that a later change is noticed."""
    return {"state": state_of(root, records), "content": content_of(records)}


def state_of(root: Path | None, records: Sequence[Record]) -> str:
    """Digest of the folder and of size and time of every file. Another one does not mean that a file changed."""
    return digest([str(root), [[_size_and_time(path) for path in record.files] for record in records]])


def content_of(records: Sequence[Record]) -> str:
    """Digest of the bytes of every record's files, each read once: slices share the file of their volume."""
    known = {path: _sha256(path) for path in dict.fromkeys(path for record in records for path in record.files)}
    return digest([[known[path] for path in record.files] for record in records])


# A file that cannot be read has neither: the error is left to whoever loads it as an image, who can say what to do.


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _sha256(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None
