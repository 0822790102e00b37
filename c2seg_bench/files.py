"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2seg_bench.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, renamed to it at the end and removed on an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = beside(path)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Where this process writes a file or folder first; what writers left that were killed is removed."""
    name = re.compile(rf"\.{re.escape(path.stem)}-(\d+){re.escape(path.suffix)}")
    for other in os.listdir(path.parent):
        if (found := name.fullmatch(other)) and not _lives(int(found[1])):
            left = path.parent / other
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    return path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")


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


def write_json(path: Path, value: Any) -> None:
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, default=str) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """The value, None where the file is not there; InputError where it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, UnicodeDecodeError) as e:
        raise InputError(f"{path}: not JSON ({e}); delete it, the step that wrote it will run again") from None


def read_rows(path: Path) -> pd.DataFrame:
    """A Parquet file as a table; InputError where it is cut or no Parquet file."""
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as e:  # ArrowInvalid is a ValueError
        reason = " ".join(str(e).split()).split(": ", 1)[-1].split(". ")[0][:80]
        raise InputError(f"{path}: not a whole Parquet file ({reason}); delete it and run again") from None
