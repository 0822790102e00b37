"""Paths that people write: ~ is their home folder, and a path that no system takes is an error that says so."""

from __future__ import annotations

import errno
from pathlib import Path

from c2seg_bench.errors import InputError


def user_path(given: str | Path, option: str) -> Path:
    """The path with ~ expanded. It need not exist.

    Args:
        given: as it was written.
        option: or key that gives it, named in errors.

    Raises:
        InputError: ~NAME of nobody, or a path that is longer than the system takes or has a NUL.
    """
    try:
        path = Path(given).expanduser()
        path.lstat()
    except RuntimeError:
        raise InputError(f"{option}: {given}: no such user; write the path out") from None
    except (OSError, ValueError) as e:
        if isinstance(e, OSError) and e.errno != errno.ENAMETOOLONG:
            return path
        raise InputError(f"{option}: {str(given)[:60]!r}: is no path; correct it") from None
    return path
