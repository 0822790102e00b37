"""Checksums of the files that a run writes and reads back, so that a damaged or edited one is noticed.

They lie in the file SHA256SUMS of each folder, in the format of the command `sha256sum`, which checks them as well.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from c2seg_bench.errors import InputError

SUMS = "SHA256SUMS"
EARLIER = "# earlier: "  # before the checksum of a file's last version; `sha256sum` skips the line
KEPT = 2  # earlier versions of a file whose checksums are kept
_verified: dict[Path, tuple[int, int, int]] = {}  # file -> its state when this process last read all of it


class DamagedFile(InputError):
    """A file that is not as it was written."""

    def __init__(self, path: Path, reason: str):
        self.path, self.reason = path, reason
        super().__init__(f"{path}: damaged ({reason}); run the suite again, which sets the file aside and replaces it")


def sha256_of(path: Path) -> str:
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def with_checksum(path: Path, content: Path) -> str:
    """What SHA256SUMS of the folder must be before the file `content` is renamed to `path`.

    Checksums of earlier versions of the file stay, because a killed process may not come to rename it; those of files
    that are gone are dropped.
    """
    sums, new = _read(path.parent), sha256_of(content)
    earlier = [digest for digest in sums.get(path.name, []) if digest != new]
    kept = {name: digests for name, digests in sums.items() if (path.parent / name).exists()}
    return _text({**kept, path.name: [new, *earlier[:KEPT]]})


def of_files(paths: list[Path]) -> str:
    """SHA256SUMS of a folder that has these files, each in its only version."""
    return _text({path.name: [sha256_of(path)] for path in paths})


def verify(path: Path) -> None:
    """Compare a file with its checksum. A file without one, of an earlier version of this package, passes.

    Raises:
        DamagedFile: the file is not as it was written.
        FileNotFoundError: there is no such file.
    """
    stat = path.stat()
    state = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    if _verified.get(path.absolute()) == state:
        return
    known = _read(path.parent).get(path.name)
    if known and sha256_of(path) not in known:
        raise DamagedFile(path, f"its checksum is not the one in {SUMS}")
    _verified[path.absolute()] = state


def has_checksum(path: Path) -> bool:
    return path.name in _read(path.parent)


def _read(folder: Path) -> dict[str, list[str]]:
    """File name -> checksums, of its last version first."""
    try:
        text = (folder / SUMS).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    sums: dict[str, list[str]] = {}
    for line in text.splitlines():
        digest, _, name = line.removeprefix(EARLIER).partition("  ")
        sums.setdefault(name, []).append(digest)
    return sums


def _text(sums: dict[str, list[str]]) -> str:
    lines = [
        f"{EARLIER if place else ''}{digest}  {name}"
        for name, digests in sorted(sums.items())
        for place, digest in enumerate(digests)
    ]
    return "".join(line + "\n" for line in lines)
