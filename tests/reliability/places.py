"""Runs where something of the machine is missing, full, unusual or closed: one line of error, later the same numbers."""

from __future__ import annotations

import io
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.reliability.attempt import attempt, breach
from tests.reliability.record import Row
from tests.reliability.small_run import Reference, command, run_again

PROMISE = "A full disk, a limit, a locale, a closed pipe or a wrong clock changes no number"


def tries(folder: Path, number: int = 40) -> Iterator[tuple[str, Callable[[], Row]]]:
    reference = Reference(folder.parent / "reference")
    for name, prepare in list(surroundings().items())[:number]:
        yield name, lambda name=name, prepare=prepare: in_place(name, reference, folder, prepare)
    for name in list(FOLDERS)[: max(0, number - len(surroundings()))]:
        yield f"folder {name!r}", lambda name=name: in_folder(name, reference, folder)


def in_place(name: str, reference: Reference, folder: Path, prepare: Callable[[], None]) -> Row:
    """A run in unusual surroundings, then the same command in usual ones."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)

    def run() -> None:
        prepare()
        command("run", reference.suite, "--out", out)

    first = attempt(run, folder / "log")
    nobody_reads = "closed pipe" in name and first.code == 1 and not first.errors  # as other commands end
    broken = "" if nobody_reads else breach(first)
    if not broken and first.code == 0:
        broken = reference.difference(out)
    second = run_again(reference.suite, out, folder / "log")
    broken = broken or breach(second, codes=(0,)) or reference.difference(out, tables=False)
    return Row(name, broken, first.cpu + second.cpu, max(first.megabytes, second.megabytes))


FOLDERS = (
    "a b",
    "größe",
    "quote'\"",
    "$HOME",
    "*?[x]",
    "%s{0}",
    "-dash",
    "x" * 200,
    "new\nline",
    "左",
    "..dots",
    "a;b&c",
)


def in_folder(name: str, reference: Reference, folder: Path) -> Row:
    """A run in a folder with an unusual name."""
    out = folder / name
    shutil.rmtree(out, ignore_errors=True)
    ending = attempt(lambda: command("run", reference.suite, "--out", out), folder / "log")
    broken = breach(ending, codes=(0,)) or reference.difference(out)
    shutil.rmtree(out, ignore_errors=True)
    return Row(f"folder {name!r}", broken, ending.cpu, ending.megabytes)


def surroundings() -> dict[str, Callable[[], None]]:
    """What is done to the process before the command, by a name."""
    largest_file = {
        f"no file over {size:,} bytes": limit(resource.RLIMIT_FSIZE, size)
        for size in (0, 100, 1000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
    }
    open_files = {f"{n} open files": limit(resource.RLIMIT_NOFILE, n) for n in (8, 16, 24, 64)}
    return {
        **largest_file,
        **open_files,
        "no core files": limit(resource.RLIMIT_CORE, 0),
        "standard output closed": lambda: close("stdout"),
        "standard error closed": lambda: close("stderr"),
        "standard input closed": lambda: os.close(0),
        "output into a closed pipe": lambda: into_closed_pipe(1),
        "messages into a closed pipe": lambda: into_closed_pipe(2),
        "output to a full device": lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), 1),
        "umask 077": lambda: void(os.umask(0o077)),
        "umask 0": lambda: void(os.umask(0)),
        "no HOME": lambda: void(os.environ.pop("HOME", None)),
        "TMPDIR that is not there": lambda: os.environ.update(TMPDIR="/nowhere"),
        "locale C": lambda: locale("C"),
        "locale POSIX": lambda: locale("POSIX"),
        "output in ASCII": lambda: encoding("ascii"),
        "output in Latin-1": lambda: encoding("latin-1"),
        "time zone of Kiribati": lambda: zone("Pacific/Kiritimati"),
        "a clock that stands": lambda: clock(lambda now: 1e9),
        "a clock in 2106": lambda: clock(lambda now: now + 2.5e9),
        "a clock in 1970": lambda: clock(lambda now: now % 1000),
        "a clock that goes backwards": lambda: clock(lambda now: 4e9 - now),
        "four times the lowest priority": lambda: void(os.nice(19)),
        "another working folder": lambda: os.chdir("/"),
        "no terminal, TERM unset": lambda: void(os.environ.pop("TERM", None)),
        "a terminal of 10 columns": lambda: os.environ.update(COLUMNS="10"),
    }


def void(_: object) -> None:
    pass


def limit(kind: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def close(name: str) -> None:
    """As Python starts when the shell has closed an output: there is none to print to."""
    os.close(getattr(sys, name).fileno())
    setattr(sys, name, None)


def into_closed_pipe(number: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, number)


def locale(name: str) -> None:
    import locale as setting

    os.environ.update(LC_ALL=name, LANG=name)
    setting.setlocale(setting.LC_ALL, name)
    encoding("ascii")


def encoding(name: str) -> None:
    """Outputs are opened anew: `reconfigure` asks for a position, and a pipe that replaced a file has none."""
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding=name)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding=name, errors="backslashreplace")


def zone(name: str) -> None:
    os.environ["TZ"] = name
    time.tzset()


def clock(change: Callable[[float], float]) -> None:
    real = time.time
    time.time = lambda: change(real())
