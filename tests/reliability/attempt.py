"""One try in a forked process: how it ended, what it cost, what it printed, and whether that breaks a promise."""

from __future__ import annotations

import contextlib
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
STUCK = 300.0  # seconds by the clock in which a try computes for less than `IDLE` seconds
IDLE = 0.1
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
        stuck: it was ended because it waited without computing.
    """

    code: int
    cpu: float
    wall: float
    megabytes: int
    out: str
    err: str
    stuck: bool = False

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
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it has ended
        os.setpgid(pid, pid)  # here too: it may be killed before it has a group of its own
    printed = {name: bytearray() for name in pipes}
    for reader, writer in pipes.values():
        os.close(writer)
        os.set_blocking(reader, False)
    watch, stuck = Watch(pid), False
    status, usage = 0, None
    while usage is None:
        done, status, rusage = os.wait4(pid, os.WNOHANG)
        if done:
            usage = rusage
        elif (kill_after is not None and time.monotonic() - start > kill_after) or (stuck := watch.is_stuck()):
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
    return Ending(code, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss // 1024, *texts, stuck)


class Watch:
    """Whether a process and its children wait without computing. A busy machine alone does not make it so."""

    def __init__(self, group: int):
        self.group, self.since, self.computed = group, time.monotonic(), 0.0

    def is_stuck(self) -> bool:
        """To be called again and again: True once `STUCK` seconds have passed since it last computed `IDLE` seconds."""
        if time.monotonic() - self.since < STUCK:
            return False
        before, self.computed = self.computed, processor_seconds(self.group)
        self.since = time.monotonic()
        return self.computed - before < IDLE


def processor_seconds(group: int) -> float:
    """Of all processes of a process group that are running; on Linux only, elsewhere infinite."""
    if not Path("/proc/self/stat").exists():
        return float("inf")
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _waiting_in(reader: int) -> bytes:
    """What can be read from a pipe now. A process that outlives the try may keep it open, so nothing waits for its end."""
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
        for output in (sys.stdout, sys.stderr):
            # some tries close or fill the outputs on purpose; the exit code says how they ended
            with contextlib.suppress(OSError, AttributeError):
                output.flush()
        os._exit(code)


def breach(ending: Ending, codes: tuple[int, ...] = (0, 1, 2), seconds: float = HANG) -> str:
    """Which promise the ending breaks; "" where it breaks none."""
    if ending.stuck:
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
