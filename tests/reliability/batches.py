"""Many small tries in one forked process: each is timed by itself, and one that ends the process is known by name."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tests.reliability.attempt import HANG, MEMORY, attempt, last_line
from tests.reliability.record import Row


class WrongResult(Exception):
    """A result that no input should have."""


def run_batch(tries: list[tuple[str, Callable[[], Any]]], folder: Path) -> list[Row]:
    """A row for each try, in forked processes: the next one takes over what one that died left."""
    rows: list[Row] = []
    log, printed = folder / "rows", folder / "printed"
    while len(rows) < len(tries):
        rest = tries[len(rows) :]
        log.unlink(missing_ok=True)
        ending = attempt(lambda rest=rest: _all(rest, log, printed), folder)
        done = [Row(**json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []
        rows += done
        if len(done) < len(rest):
            last = last_line(printed.read_text(errors="replace") or ending.err)
            rows.append(Row(rest[len(done)][0], f"ended the process ({ending.code}): {last}"))
    return rows


def _all(tries: list[tuple[str, Callable[[], Any]]], log: Path, printed: Path) -> None:
    """Run the tries in this process, with what they print in a file, whose size can be measured."""
    warnings.simplefilter("ignore")
    with open(printed, "wb") as output:
        for number in (1, 2):
            os.dup2(output.fileno(), number)
    with open(log, "a") as file:
        for name, function in tries:
            file.write(json.dumps(_one(name, function)) + "\n")
            file.flush()


def _one(name: str, function: Callable[[], Any]) -> dict[str, Any]:
    from c2seg_bench.errors import WRONG_INPUT

    reset_peak()
    before, printed, broken = time.process_time(), printed_bytes(), ""
    try:
        function()
    except WRONG_INPUT as e:
        if "\n" in str(e):
            broken = f"an error of several lines: {str(e)[:100]!r}"
    except WrongResult as e:
        broken = f"wrong result: {e}"
    except MemoryError:
        broken = "requested more memory than there is"
    except Exception as e:
        broken = f"traceback: {type(e).__name__}: {str(e)[:150]}"
    seconds = time.process_time() - before
    megabytes = peak_megabytes()
    if not broken and printed_bytes() > printed:
        broken = f"printed {printed_bytes() - printed} bytes by itself"
    if not broken and seconds > HANG:
        broken = f"took {seconds:.0f} s of processor time"
    if not broken and megabytes > MEMORY:
        broken = f"took {megabytes} MB"
    return {"name": name, "broken": broken, "seconds": round(seconds, 3), "megabytes": megabytes}


def printed_bytes() -> int:
    """How much this process printed so far, libraries in C as well: both outputs are one file."""
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fstat(1).st_size


def reset_peak() -> None:
    """Measure the largest memory from now on; on Linux only."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_megabytes() -> int:
    """The largest resident memory of this process since `reset_peak`; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def in_batches(
    tries: Iterator[tuple[str, Callable[[], Any]]], folder: Path, known: set[str], size: int = 50
) -> Iterator[list[Row]]:
    """The rows of those tries that are not known, a batch at a time."""
    new = ((name, function) for name, function in tries if name not in known)
    while batch := list(islice(new, size)):
        yield run_batch(batch, folder)
