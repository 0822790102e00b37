"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from c2seg_bench.errors import InputError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, renamed to it at the end and removed on an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    temporary = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove the temporary files of `path` whose writers were killed before they could."""
    name = re.compile(rf"\.{re.escape(path.stem)}-(\d+){re.escape(path.suffix)}")
    for other in os.listdir(path.parent):
        if (found := name.fullmatch(other)) and not _lives(int(found[1])):
            (path.parent / other).unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    if sys.platform == "win32":  # signal 0 is Ctrl-C there
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True
    return True


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold FOLDER/.lock; InputError where another process does. It goes with the process, however that ends."""
    if sys.platform == "win32":  # no flock there
        yield
        return
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / ".lock", "w")  # noqa: SIM115  (held below)
    except OSError as e:
        raise InputError(f"{folder}: cannot be written ({e.strerror}); give another folder with --out") from None
    with file as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another run is at work in {folder}; wait for it, or give --out") from None
        yield
