"""Files and folders that are complete or do not exist."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2seg_bench import checksums
from c2seg_bench.checksums import DamagedFile, verify
from c2seg_bench.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MAKE_ROOM = "make room and run the same command again, which continues from what is done"
TEMPORARY = re.compile(r"\..+-(\d+)(\.[^.]+)?")  # as `beside` names them, with the writer's process id


@contextmanager
def atomic(path: str | Path, durable: bool = True, checksum: bool = False) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, renamed to it at the end and removed on an error.

    Args:
        path: of the file; its folder is made where there is none.
        durable: write through to the disk, file and folder, so that the file survives a loss of power.
        checksum: add the file to SHA256SUMS of its folder, for files that are read back; see `checksums.verify`.

    Raises:
        InputError: the disk is full; what was there before stays.
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
            _to_disk(temporary)
        os.replace(temporary, path)
        if durable:
            _to_disk(path.parent)
    except Exception as e:
        if not is_full_disk(e):
            raise
        raise InputError(f"{path}: no space left on the disk; {MAKE_ROOM}") from None
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


def is_full_disk(error: Exception) -> bool:
    """Whether a write failed for want of space. Safetensors says so in the text of an error of its own kind."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL
    number = re.search(r"os error (\d+)", str(error))
    return number is not None and int(number[1]) in FULL


def set_aside(path: Path, reason: str) -> None:
    """Rename a damaged file to NAME.damaged, over an earlier one of that name, and say so on stderr."""
    new = path.with_name(f"{path.name}.damaged")
    try:
        os.replace(path, new)
    except FileNotFoundError:
        return
    print(f"{path}: damaged ({reason}); set aside as {new.name}, it is made again", file=sys.stderr)


def _to_disk(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":  # a folder cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():  # some file systems cannot write a folder through
            raise
    finally:
        os.close(handle)


def beside(path: Path) -> Path:
    """Where this process writes a file or folder first; what killed writers of the same file left is removed."""
    name = re.compile(rf"\.{re.escape(path.stem)}-(\d+){re.escape(path.suffix)}")
    for other in os.listdir(path.parent):
        if (match := name.fullmatch(other)) and not _is_running(int(match[1])):
            _remove(path.parent / other)
    return path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove the temporary files and folders that killed writers left in a folder and below it. Returns them."""
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
    except OSError:  # of another user
        return True
    return True


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Lock FOLDER/.lock; InputError where another process has it. The lock ends with the process, however that ends."""
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


def write_json(path: Path, value: Any, checksum: bool = False) -> None:
    with atomic(path, checksum=checksum) as temporary:
        temporary.write_text(json.dumps(value, indent=1, default=str) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """The value, None where there is no file; InputError where it is damaged or not JSON."""
    try:
        verify(path)
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, UnicodeDecodeError) as e:
        raise DamagedFile(path, f"not JSON: {e}") from None


def read_object(path: Path) -> dict[str, Any] | None:
    """A JSON object, None where there is no file; InputError where it is damaged or something else."""
    value = read_json(path)
    if value is None and not path.exists():
        return None
    if not isinstance(value, dict):
        raise DamagedFile(path, f"not a JSON object but {type(value).__name__}")
    return value


def read_rows(path: Path) -> pd.DataFrame:
    """A Parquet file as a table; InputError where it is damaged, cut or no Parquet file."""
    import pandas as pd

    try:
        verify(path)
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise
    except DamagedFile:
        raise
    except (OSError, ValueError) as e:  # ArrowInvalid is a ValueError
        reason = " ".join(str(e).split()).split(": ", 1)[-1].split(". ")[0][:80]
        raise DamagedFile(path, f"not a whole Parquet file: {reason}") from None
