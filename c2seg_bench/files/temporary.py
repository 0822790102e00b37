"""Temporary files: named after the process that writes them, and removed once that process has ended."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

TEMPORARY = re.compile(r"\..+-(\d+)(\.[^.]+)?")  # a name from `beside`, with the writer's process id


def beside(path: Path) -> Path:
    """A temporary path in the same folder. Removes temporary files for the same path whose writers were killed."""
    pattern = re.compile(rf"\.{re.escape(path.stem)}-(\d+){re.escape(path.suffix)}")
    for name in os.listdir(path.parent):
        if (match := pattern.fullmatch(name)) and not _is_running(int(match[1])):
            _remove(path.parent / name)
    return path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove all temporary files and folders below a folder whose writers were killed. Returns their paths."""
    leftovers = [
        path
        for path in sorted(folder.rglob(".*"))
        if (match := TEMPORARY.fullmatch(path.name)) and not _is_running(int(match[1]))
    ]
    for path in leftovers:
        _remove(path)
    return leftovers


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":  # signal 0 would be Ctrl-C
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # the process of another user
        return True
    return True
