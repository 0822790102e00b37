"""One process at a time in a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from c2seg_bench.errors import InputError


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Lock FOLDER/.lock. The system releases the lock when the process ends, even if it is killed.

    Raises:
        InputError: another process has the lock, or the folder cannot be written.
    """
    if sys.platform == "win32":  # no flock
        yield
        return
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / ".lock", "w")  # noqa: SIM115  (closed below)
    except OSError as e:
        raise InputError(f"{folder}: cannot be written ({e.strerror}); give another folder with --out") from None
    with file as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another run is at work in {folder}; wait for it, or give --out") from None
        yield
