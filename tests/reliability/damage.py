"""Damage to every file that a run leaves: the next run repairs it, or refuses it in one line, and no number changes."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.reliability.attempt import attempt, breach
from tests.reliability.record import Row
from tests.reliability.small_run import SUITE, Reference, command, run_again

PROMISE = "A damaged file of a run is repaired or refused, never used"
READ_AGAIN = ("cells", "data", "text", "prompts", "suite.json", "scores.parquet")  # the rest is written by every run
STOPPED_SUITE = SUITE.replace("methods: [unet]", "methods: [{name: c2seg, pretrain: {epochs: 1, batch: 8}}]")
STATE = "train-state.pt"  # what training continues from


def flip(content: bytes, at: float) -> bytes:
    data = bytearray(content)
    data[int(at * (len(data) - 1))] ^= 0x10
    return bytes(data)


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "removed": lambda content: None,
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "flipped early": lambda content: flip(content, 0.1),
    "flipped in the middle": lambda content: flip(content, 0.5),
    "flipped late": lambda content: flip(content, 0.9),
    "another type": lambda content: b"[1, 2]\n",
    "zeros": lambda content: bytes(len(content)),
}
OF_STOPPED = ("removed", "cut", "flipped in the middle", "zeros")


def tries(folder: Path, number: int = 188) -> Iterator[tuple[str, Callable[[], Row]]]:
    """Every file of a finished run with every damage, then the files of a cell that was killed in training with some."""
    reference = Reference(folder.parent / "reference")
    finished = reference.outs[0]
    every = [(path, kind) for kind in DAMAGES for path in files_of(finished) if path.parts[0] in READ_AGAIN]
    for path, kind in every[:number]:
        name = f"{path}: {kind}"
        yield name, lambda name=name, path=path, kind=kind: damaged(name, reference, finished, folder, path, kind)
    if number <= len(every):
        return
    interrupted = Reference(folder / "interrupted-reference", STOPPED_SUITE)
    stopped = stop_in_training(interrupted.suite, folder / "stopped", folder / "log")
    every_stopped = [(path, kind) for kind in OF_STOPPED for path in files_of(stopped) if path.parts[0] == "cells"]
    for path, kind in every_stopped[: number - len(every)]:
        name = f"killed in training, {path.name}: {kind}"
        yield name, lambda name=name, path=path, kind=kind: damaged(name, interrupted, stopped, folder, path, kind)


def files_of(out: Path) -> list[Path]:
    return [path.relative_to(out) for path in sorted(out.rglob("*")) if path.is_file()]


def stop_in_training(suite: Path, out: Path, log: Path) -> Path:
    """A run that SIGKILL ended when the state of its first epoch was in its place."""
    shutil.rmtree(out, ignore_errors=True)

    def run() -> None:
        replace = os.replace

        def last(source: Path, target: Path) -> None:
            replace(source, target)
            if Path(target).name == STATE:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = last
        command("run", suite, "--out", out)

    ending = attempt(run, log)
    assert ending.code == -signal.SIGKILL, ending.err
    return out


def damaged(name: str, reference: Reference, base: Path, folder: Path, path: Path, kind: str) -> Row:
    """A copy of a run with one file damaged, run again; where it is refused, without that file."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(base, out)
    content = DAMAGES[kind]((out / path).read_bytes())
    (out / path).unlink()
    if content is not None:
        (out / path).write_bytes(content)
    ending = run_again(reference.suite, out, folder / "log")
    broken = breach(ending, codes=(0, 2))
    if not broken and ending.code == 2:  # refused: the advice is to delete the file
        if str(out / path) not in ending.errors[0]:
            broken = f"refused without its name: {ending.errors[0][:150]}"
        (out / path).unlink(missing_ok=True)
        ending = run_again(reference.suite, out, folder / "log")
        again = breach(ending, codes=(0,))
        broken = broken or (again and f"after the file was deleted: {again}")
    broken = broken or reference.difference(out, tables=False)
    return Row(name, broken, ending.cpu, ending.megabytes)
