"""Ctrl-C and SIGTERM: files are closed, workers end, and a line says what is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console


@contextmanager
def interruptible(out: Path, console: Console) -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, and say on either how to continue.

    Args:
        out: folder of the run.
    """
    with term_as_interrupt():
        try:
            yield
        except KeyboardInterrupt:
            console.print(
                f"interrupted: what is done is kept in {out}, and training continues after its last whole epoch; "
                "run the same command again",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
            raise


@contextmanager
def term_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, so that files are closed and workers end."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
