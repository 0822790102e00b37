"""The same suite in other ways, on one machine: every number is the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.reliability.attempt import attempt, breach, last_line
from tests.reliability.record import CHECKOUT, Row
from tests.reliability.small_run import Reference, command, write_suite

PROMISE = "Workers, the order of methods, --only, resuming and the surroundings change no number"
SUITE = """\
name: small
size: tiny
device: cpu
seeds: [0, 1]
datasets: {phantom: {source: phantom, size: 32, options: {train: 8, val: 4, test: 4}}}
methods: [unet, unetpp]
train: {epochs: 1, batch: 4, lr: 0.002, clip: 1.0}
stress: {families: [keyboard], severities: [2]}
score: {bootstrap: 100}
"""
SECONDS = 60.0  # of processor time: several runs, and workers that import everything


def tries(folder: Path, number: int = 12) -> Iterator[tuple[str, Callable[[], Row]]]:
    reference = Reference(folder / "reference", SUITE)
    for name, way in list(ways().items())[:number]:
        yield name, lambda name=name, way=way: done(name, way, reference, folder)


def done(name: str, way: Callable[[Path, Path], None], reference: Reference, folder: Path) -> Row:
    """The suite run in one of the ways, then once more as it is, which puts all cells into one table."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    first = attempt(lambda: way(folder, out), folder / "log")
    second = attempt(lambda: command("run", reference.suite, "--out", out), folder / "log")
    broken = breach(first, codes=(0,), seconds=SECONDS) or breach(second, codes=(0,)) or reference.difference(out)
    return Row(name, broken, first.cpu + second.cpu, max(first.megabytes, second.megabytes))


def ways() -> dict[str, Callable[[Path, Path], None]]:
    def as_it_is(folder: Path, out: Path) -> None:
        command("run", write_suite(folder, SUITE), "--out", out)

    def changed(before: str, after: str) -> Callable[[Path, Path], None]:
        assert before in SUITE
        return lambda folder, out: command("run", write_suite(folder, SUITE.replace(before, after)), "--out", out)

    def only(*names: str) -> Callable[[Path, Path], None]:
        def run(folder: Path, out: Path) -> None:
            for name in names:
                ending = attempt(
                    lambda name=name: command("run", write_suite(folder, SUITE), "--out", out, "--only", name),
                    folder / "one",
                )
                assert ending.code == 0, last_line(ending.err)

        return run

    def step_by_step(folder: Path, out: Path) -> None:
        suite = write_suite(folder, SUITE)
        for step in ("train", "predict"):
            ending = attempt(
                lambda step=step: command(step, suite, "--method", "unetpp", "--seed", "1", "--out", out),
                folder / "one",
            )
            assert ending.code == 0, last_line(ending.err)

    def another_python(**environment: str) -> Callable[[Path, Path], None]:
        def run(folder: Path, out: Path) -> None:
            suite = write_suite(folder, SUITE)
            subprocess.run(
                [sys.executable, "-m", "c2seg_bench", "run", suite, "--out", out],
                check=True,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
                cwd=folder,
            )

        return run

    return {
        "again": as_it_is,
        "methods in another order": changed("[unet, unetpp]", "[unetpp, unet]"),
        "seeds in another order": changed("seeds: [0, 1]", "seeds: [1, 0]"),
        "more methods": changed("[unet, unetpp]", "[ukan, unetpp, unet]"),
        "more datasets": changed(
            "datasets: {", "datasets: {more: {source: phantom, size: 32, options: {train: 4, val: 2, test: 2}}, "
        ),
        "one method after the other": only("unet", "unetpp"),
        "the last method first": only("unetpp", "unet"),
        "one cell step by step, then the rest": step_by_step,
        "two workers": changed("device:", "workers: 2\ndevice:"),
        "another hash seed": another_python(PYTHONHASHSEED="7"),
        "another locale": another_python(LC_ALL="C", LANG="C"),
    }
