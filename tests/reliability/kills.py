"""SIGKILL at chosen and random moments of a run: the same command then ends with the numbers of an undisturbed run."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.reliability.attempt import HANG, attempt, breach
from tests.reliability.record import Row
from tests.reliability.small_run import Reference, command, run_again, run_to_scores

PROMISE = "A killed run, started again, ends with the same numbers"
Tries = Iterator[tuple[str, Callable[[], Row]]]


def tries(folder: Path, number: int = 100) -> Tries:
    """Before and after every rename of a file into its place, and the rest at random moments."""
    reference = Reference(folder.parent / "reference")
    chosen = [(n, after) for n in range(1, renames_of(reference, folder) + 1) for after in (False, True)]
    chosen = chosen[: number * 7 // 10]
    for n, after in chosen:
        name = f"{'after' if after else 'before'} rename {n}"
        yield name, lambda name=name, n=n, after=after: killed(name, reference, folder, at_rename=(n, after))
    if len(chosen) == number:
        return
    random, seconds = Random("kills"), seconds_of(reference, folder)
    for i in range(number - len(chosen)):
        name, moment = f"random moment {i + 1}", random.uniform(0.0, 1.0) * seconds
        yield name, lambda name=name, moment=moment: killed(name, reference, folder, after_seconds=moment)


def killed(
    name: str,
    reference: Reference,
    folder: Path,
    at_rename: tuple[int, bool] | None = None,
    after_seconds: float | None = None,
) -> Row:
    """A run that is killed, then the same command undisturbed. At a random moment the run has no pages to write yet."""
    out = folder / "out"

    def doomed() -> None:
        if at_rename is None:
            run_to_scores(reference.suite, out)
        else:
            kill_at_rename(*at_rename)
            command("run", reference.suite, "--out", out)

    shutil.rmtree(out, ignore_errors=True)
    first = attempt(doomed, folder / "log", kill_after=after_seconds)
    if first.code == 0 and after_seconds is not None:  # it was faster than the one that was measured
        return killed(name, reference, folder, after_seconds=after_seconds / 2)
    if first.code != -signal.SIGKILL:
        return Row(name, f"not killed: exit code {first.code}", first.cpu, first.megabytes)
    second = run_again(reference.suite, out, folder / "log")
    broken = breach(second, codes=(0,), seconds=HANG) or reference.difference(out, tables=False)
    return Row(name, broken, first.cpu + second.cpu, max(first.megabytes, second.megabytes))


def kill_at_rename(number: int, after: bool) -> None:
    """From now on, the n-th rename of this process is its end."""
    replace, seen = os.replace, 0

    def counted(*args: object, **options: object) -> None:
        nonlocal seen
        seen += 1
        if seen == number and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(*args, **options)
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = counted


def renames_of(reference: Reference, folder: Path) -> int:
    """How many files an undisturbed run renames into their place."""
    counter, out = folder / "renames", folder / "counted"
    shutil.rmtree(out, ignore_errors=True)

    def counting() -> None:
        replace, seen = os.replace, 0

        def counted(*args: object, **options: object) -> None:
            nonlocal seen
            seen += 1
            replace(*args, **options)

        os.replace = counted
        try:
            command("run", reference.suite, "--out", out)
        finally:
            counter.write_text(str(seen))

    ending = attempt(counting, folder / "log")
    assert ending.code == 0, ending.err
    return int(counter.read_text())


def seconds_of(reference: Reference, folder: Path) -> float:
    """How long an undisturbed run takes up to its scores, by the clock, on this machine now."""
    out = folder / "counted"
    shutil.rmtree(out, ignore_errors=True)
    ending = run_again(reference.suite, out, folder / "log")
    assert ending.code == 0, ending.err
    return ending.wall
