"""Errors of the machine instead of the program: a full disk, no permission, a file where a folder is needed."""

from __future__ import annotations

import errno
import os

from c2seg_bench.files.writing import MAKE_ROOM, is_full_disk

CONTINUE = "and run the same command again, which continues from what is done"
FIXES = {
    errno.EMFILE: f"allow more open files (ulimit -n) {CONTINUE}",
    errno.ENFILE: f"close other programs {CONTINUE}",
    errno.ENOMEM: f"free memory {CONTINUE}",
    errno.EACCES: "give a file or folder that you may read and write, or change its permissions",
    errno.EPERM: "give a file or folder that you may read and write, or change its permissions",
    errno.EEXIST: "a folder is needed here, but a file has its name; move the file away",
    errno.ENOTDIR: "a folder is needed here, but a file has its name; move the file away",
    errno.EISDIR: "a file is needed here, but a folder has its name; move the folder away",
    errno.EROFS: "give a folder that can be written",
    errno.EIO: f"check the disk {CONTINUE}",
}


def fault_of_machine(error: Exception) -> str | None:
    """What the machine lacks and how to get it, in one line; None if the error has another cause."""
    place = getattr(error, "filename", None)
    if is_full_disk(error):
        return f"{place or 'a file'}: no space left on the disk; {MAKE_ROOM}"
    if isinstance(error, MemoryError):
        return f"not enough memory ({str(error) or 'an allocation failed'}); {FIXES[errno.ENOMEM]}"
    if not isinstance(error, OSError) or error.errno not in FIXES:
        return None
    reason = os.strerror(error.errno)
    return f"{place or 'a file'}: {reason[0].lower()}{reason[1:]}; {FIXES[error.errno]}"
