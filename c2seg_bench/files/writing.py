"""Writing files that are complete or do not exist."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from c2seg_bench.errors import InputError
from c2seg_bench.files import checksums
from c2seg_bench.files.temporary import beside

FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MAKE_ROOM = "make room and run the same command again, which continues from what is done"


@contextmanager
def atomic(path: str | Path, durable: bool = True, checksum: bool = False) -> Iterator[Path]:
    """A temporary path beside `path`, with the same suffix. It is renamed to `path` at the end, or removed on an error.

    Args:
        path: of the file; its folder is created if necessary.
        durable: flush the file and its folder to the disk, so that the file survives a power failure.
        checksum: add the file to SHA256SUMS of its folder, for files that are read back; see `verify`.

    Raises:
        InputError: the disk is full; an earlier file at `path` stays.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = beside(path)
        yield temporary
        if checksum:
            sums = checksums.with_checksum(path, temporary)
            with atomic(path.with_name(checksums.SUMS), durable) as f:
                f.write_text(sums, encoding="utf-8")
        if durable:
            _flush_to_disk(temporary)
        os.replace(temporary, path)
        if durable:
            _flush_to_disk(path.parent)
    except Exception as e:
        if not is_full_disk(e):
            raise
        raise InputError(f"{path}: no space left on the disk; {MAKE_ROOM}") from None
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any, checksum: bool = False) -> None:
    """Write a value as indented JSON, atomically; what JSON does not know is written as `str` gives it."""
    with atomic(path, checksum=checksum) as temporary:
        temporary.write_text(json.dumps(value, indent=1, default=str) + "\n", encoding="utf-8")


def is_full_disk(error: Exception) -> bool:
    """Whether a write failed for lack of space. Safetensors raises an error of its own, with the number in its text."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL_DISK
    number = re.search(r"os error (\d+)", str(error))
    return number is not None and int(number[1]) in FULL_DISK


def _flush_to_disk(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":  # Windows cannot open a folder
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():  # some file systems cannot flush a folder
            raise
    finally:
        os.close(handle)
