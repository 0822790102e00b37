"""libtiff prints lines of its own about a broken file, past Python; while a TIFF is decoded they are dropped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

STANDARD_ERROR = 2
_lock = Lock()
_decoding = 0  # threads that decode a TIFF now
_saved: int | None = None  # standard error, while any does


@contextmanager
def quiet_tiff() -> Iterator[None]:
    """Drop what is written to standard error until the end, or the end of the last of several at once."""
    global _decoding, _saved
    with _lock:
        _decoding += 1
        if _decoding == 1:
            _saved = _redirect()
    try:
        yield
    finally:
        with _lock:
            _decoding -= 1
            if _decoding == 0 and _saved is not None:
                os.dup2(_saved, STANDARD_ERROR)
                os.close(_saved)
                _saved = None


def _redirect() -> int | None:
    """Point standard error to nowhere; returns a copy of it, None if there is none."""
    try:
        saved = os.dup(STANDARD_ERROR)
    except OSError:  # closed
        return None
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STANDARD_ERROR)
    os.close(nowhere)
    return saved
