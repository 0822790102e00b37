"""One attempt at a cell: whatever its method raises is an error of that cell alone."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Generator
from typing import Any

from c2seg_bench.suite import AnyCell

LONGEST = 500  # characters of an error on the terminal
Attempt = tuple[BaseException | None, str]  # the error if any, and its traceback as text
Result = tuple[AnyCell, BaseException | None, str]
Results = Generator[Result, None, None]


class MethodExited(Exception):
    """The method called `sys.exit`, which would end the whole run, with exit code 0 perhaps."""


def attempt(function: Callable[[AnyCell], Any], cell: AnyCell) -> Attempt:
    """Run `function` on the cell. Ctrl-C is not an error of the cell and is raised."""
    try:
        function(cell)
    except KeyboardInterrupt:
        raise
    except SystemExit as e:
        return MethodExited(f"its method ended the program: sys.exit({e.code!r})"), traceback.format_exc()
    except BaseException as e:
        return e, traceback.format_exc()
    return None, ""


def portable_attempt(function: Callable[[AnyCell], Any], cell: AnyCell) -> Attempt:
    """As `attempt`, for another process to read: an error that cannot be sent is replaced by one with its text."""
    error, trace = attempt(function, cell)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}"), trace
    return error, trace


def described(error: BaseException) -> str:
    """The error in one line, never empty. The kind is named where the message is not of this project."""
    text = " ".join(str(error).split())
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    if isinstance(error, MemoryError):
        return f"out of memory; lower workers, train.batch or train.micro_batch ({text or 'MemoryError'})"
    kind = type(error)
    if kind.__name__ == "OutOfMemoryError":  # torch's; importing torch for it would take seconds
        return f"out of GPU memory; lower train.batch, train.micro_batch or predict_batch ({text})"
    if kind.__module__.startswith("c2seg_bench.") and text:
        return text
    return f"{kind.__name__}: {text}" if text else kind.__name__
