"""Checksums of the files that a run writes and reads back, to notice damaged or edited ones.

Each folder has a file SHA256SUMS, which the command `sha256sum -c` can check as well.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from c2seg_bench.errors import InputError

SUMS = "SHA256SUMS"
EARLIER = "# earlier: "  # starts the line of an earlier version; `sha256sum` skips such lines
EARLIER_VERSIONS = 2  # per file
_verified: dict[Path, tuple[int, int, int]] = {}  # file -> inode, size and time when this process last verified it


class DamagedFile(InputError):
    """A file has changed since it was written."""

    def __init__(self, path: Path, reason: str):
        self.path, self.reason = path, reason
        super().__init__(f"{path}: damaged ({reason}); run the suite again, which sets the file aside and replaces it")


def sha256_of(path: Path) -> str:
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def with_checksum(path: Path, content: Path) -> str:
    """Content of SHA256SUMS to write before the file `content` is renamed to `path`.

    It keeps the checksums of earlier versions of the file, because the process may be killed before it renames. It
    drops those of files that no longer exist.
    """
    sums, new = _read(path.parent), sha256_of(content)
    earlier = [digest for digest in sums.get(path.name, []) if digest != new]
    existing = {name: digests for name, digests in sums.items() if (path.parent / name).exists()}
    return _text({**existing, path.name: [new, *earlier[:EARLIER_VERSIONS]]})


def checksum_lines(paths: list[Path]) -> str:
    """Content of SHA256SUMS for a folder with these files, each in its only version."""
    return _text({path.name: [sha256_of(path)] for path in paths})


def verify(path: Path) -> None:
    """Compare a file with its checksum. A file without one passes: earlier versions of this package wrote none.

    Raises:
        DamagedFile: the file has changed since it was written.
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
    """File name -> checksums, that of the newest version first."""
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
        f"{EARLIER if age else ''}{digest}  {name}"
        for name, digests in sorted(sums.items())
        for age, digest in enumerate(digests)
    ]
    return "".join(line + "\n" for line in lines)
