"""Methods that fail or return nonsense: the run says so and continues with the others; nonsense is never scored."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.reliability.attempt import MEMORY, Ending, attempt, last_line
from tests.reliability.record import Row
from tests.reliability.small_run import run_to_scores, write_suite

PROMISE = "A bad method is reported by name, the others are scored, and no score is made of nonsense"
SUITE = """\
name: bad
size: tiny
device: cpu
datasets: {phantom: {source: phantom, size: 32, options: {train: 4, val: 2, test: 2}}}
methods: [bad, good]
train: {epochs: 1, batch: 2, lr: 0.01}
score: {bootstrap: 100}
"""
SECONDS = 20.0  # of processor time: each try has two trainings


def tries(folder: Path, number: int = 34) -> Iterator[tuple[str, Callable[[], Row]]]:
    from tests.reliability.bad_methods import FAULTS

    for name in list(FAULTS)[:number]:
        yield name, lambda name=name: bad(name, folder)


def bad(name: str, folder: Path) -> Row:
    """A run of the bad method and a good one."""
    from tests.reliability.bad_methods import HARMLESS, register_methods

    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    suite = write_suite(folder, SUITE)

    def run() -> None:
        register_methods(name)
        run_to_scores(suite, out)

    ending = attempt(run, folder / "log")
    broken = breach_of(ending, scored_methods(out), harmless=name in HARMLESS)
    return Row(name, broken, ending.cpu, ending.megabytes)


def scored_methods(out: Path) -> set[str]:
    import pandas as pd

    return {method for file in out.glob("cells/**/scores.parquet") for method in pd.read_parquet(file)["method"]}


def breach_of(ending: Ending, scored: set[str], harmless: bool) -> str:
    """Which promise the run of a bad method breaks; "" where it breaks none.

    Args:
        scored: methods that have scores.
        harmless: the method's masks are sound, so that it has to be scored.
    """
    reasons = [line.split("FAILED:")[1].strip() for line in ending.err.splitlines() if "FAILED:" in line]
    if ending.cpu > SECONDS or ending.megabytes > MEMORY:
        return f"took {ending.cpu:.0f} s and {ending.megabytes} MB"
    if harmless:
        sound = ending.code == 0 and scored == {"bad", "good"}
        return "" if sound else f"exit code {ending.code}: {last_line(ending.err)}"
    if ending.code not in (1, 2):
        return f"exit code {ending.code}, scored {sorted(scored)}"
    if "bad" in scored:
        return "scores were made of nonsense"
    if len(ending.errors) != 1:
        return f"{len(ending.errors)} lines of error: {last_line(ending.err)}"
    if ending.code == 1 and not any(reasons):
        return "no reason given"
    if ending.code == 1 and scored != {"good"}:
        return "the good method was not scored"
    return ""
