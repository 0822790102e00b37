"""Two raylets, one of which is killed: only where Ray is installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from tests.reliability import determinism
from tests.reliability.attempt import attempt, breach
from tests.reliability.record import Row
from tests.reliability.small_run import Reference, command, run_again
from tests.two_raylets import kill_in_the_middle, two_raylets

PROMISE = "On Ray, a killed raylet changes no number"
MISSING = "" if find_spec("ray") else "Ray is not installed on this machine"


def tries(folder: Path, number: int = 2) -> Iterator[tuple[str, Callable[[], Row]]]:
    if MISSING:
        return
    reference = Reference(folder / "reference", determinism.SUITE)
    for name, killed in (("two raylets", False), ("one of two killed", True))[:number]:
        yield name, lambda name=name, killed=killed: on_two_raylets(name, killed, reference, folder)


def on_two_raylets(name: str, killed: bool, reference: Reference, folder: Path) -> Row:
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)

    def run() -> None:
        with two_raylets() as (address, second):
            if killed:
                kill_in_the_middle(second, out)
            command("run", reference.suite, "--out", out, "--engine", "ray", "--address", address)

    first = attempt(run, folder / "log")
    second = run_again(reference.suite, out, folder / "log")
    broken = breach(first, codes=(0,), seconds=determinism.SECONDS) or reference.difference(out)
    return Row(name, broken or breach(second, codes=(0,)), first.cpu + second.cpu, first.megabytes)
