"""One try in a forked process: how it ended, what it cost, what it printed, and whether that breaks a promise."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HANG = 10.0  # seconds of processor time: on a busy machine a clock on the wall says nothing
STUCK = 300.0  # seconds by the clock, for what waits without computing
MEMORY = 2048  # MB
CEILING = 6 << 30  # bytes that a try may ask for, so that a bomb ends the try and not the machine
TRACEBACK = 70  # exit code of a try that ends in an exception


@dataclass(frozen=True)
class Ending:
    """How a try ended.

    Args:
        code: exit code, or the negative number of the signal that ended it.
        cpu, wall: seconds.
        megabytes: the largest resident memory, with that of the process that it was forked from.
        out, err: what it printed.
    """

    code: int
    cpu: float
    wall: float
    megabytes: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("error:")]


def attempt(function: Callable[[], Any], folder: Path, kill_after: float | None = None) -> Ending:
    """Call a function in a forked process; SIGKILL after so many seconds. What it printed is left in the folder.

    It prints into pipes: a limit on the size of files must not stop its messages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    start = time.monotonic()
    pipes = {"stdout": os.pipe(), "stderr": os.pipe()}
    pid = os.fork()
    if pid == 0:
        _child(function, [writer for _, writer in pipes.values()])
    printed = {name: bytearray() for name in pipes}
    for reader, writer in pipes.values():
        os.close(writer)
        os.set_blocking(reader, False)
    limit = STUCK if kill_after is None else kill_after
    status, usage = 0, None
    while usage is None:
        done, status, rusage = os.wait4(pid, os.WNOHANG)
        if done:
            usage = rusage
        elif time.monotonic() - start > limit:
            os.killpg(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
        else:
            time.sleep(0.005)
        for name, (reader, _) in pipes.items():
            printed[name] += _waiting_in(reader)
    wall = time.monotonic() - start
    for name, (reader, _) in pipes.items():
        os.close(reader)
        (folder / name).write_bytes(printed[name])
    texts = [printed[name].decode(errors="replace") for name in ("stdout", "stderr")]
    code = os.waitstatus_to_exitcode(status)
    return Ending(code, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss // 1024, *texts)


def _waiting_in(reader: int) -> bytes:
    """What a pipe holds now. A process that the try left behind may keep it open, so its end is not waited for."""
    parts = []
    while True:
        try:
            part = os.read(reader, 1 << 16)
        except BlockingIOError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def _child(function: Callable[[], Any], outputs: Sequence[int]) -> None:
    code = TRACEBACK
    try:
        os.setpgid(0, 0)
        for number, output in zip((1, 2), outputs, strict=True):
            os.dup2(output, number)
        resource.setrlimit(resource.RLIMIT_DATA, (CEILING, CEILING))
        function()
        code = 0
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else int(e.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            pass  # some tries close or fill the outputs on purpose; the exit code says how they ended
        os._exit(code)


def breach(ending: Ending, codes: tuple[int, ...] = (0, 1, 2), seconds: float = HANG) -> str:
    """Which promise the ending breaks; "" where it breaks none."""
    if ending.wall >= STUCK:
        return f"stuck for {STUCK:.0f} s"
    if ending.cpu > seconds:
        return f"took {ending.cpu:.0f} s of processor time"
    if ending.megabytes > MEMORY:
        return f"took {ending.megabytes} MB"
    if ending.code == TRACEBACK:
        return f"traceback: {last_line(ending.err)}"
    if ending.code not in codes:
        return f"exit code {ending.code}: {last_line(ending.err)}"
    if ending.code and len(ending.errors) != 1:
        return f"{len(ending.errors)} lines of error with exit code {ending.code}: {last_line(ending.err)}"
    if ending.code == 0 and ending.errors:
        return f"exit code 0 with an error: {ending.errors[0][:200]}"
    return ""


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "nothing printed"
