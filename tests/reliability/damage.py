"""Damage to every file that a run leaves: the next run repairs it, or refuses it in one line, and no number changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.reliability.attempt import breach
from tests.reliability.record import Row
from tests.reliability.small_run import Reference, run_again

PROMISE = "A damaged file of a run is repaired or refused, never used"
READ_AGAIN = ("cells", "data", "text", "prompts", "suite.json", "scores.parquet")  # the rest is written by every run


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


def tries(folder: Path, number: int = 150) -> Iterator[tuple[str, Callable[[], Row]]]:
    """Every file with every damage, in an order that has all kinds of files early; more where there are fewer files."""
    reference = Reference(folder.parent / "reference")
    paths = [path.relative_to(reference.outs[0]) for path in sorted(reference.outs[0].rglob("*")) if path.is_file()]
    paths = [path for path in paths if path.parts[0] in READ_AGAIN]
    every = [(path, kind) for kind in DAMAGES for path in paths]
    for path, kind in every[: max(number, 0)]:
        name = f"{path}: {kind}"
        yield name, lambda name=name, path=path, kind=kind: damaged(name, reference, folder, path, kind)


def damaged(name: str, reference: Reference, folder: Path, path: Path, kind: str) -> Row:
    """A copy of the finished run with one file damaged, run again; where it is refused, without that file."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(reference.outs[0], out)
    content = DAMAGES[kind]((out / path).read_bytes())
    (out / path).unlink()
    if content is not None:
        (out / path).write_bytes(content)
    ending = run_again(reference.suite, out, folder / "log")
    broken = breach(ending, codes=(0, 2))
    if not broken and ending.code == 2:  # refused: the advice is to delete the file
        (out / path).unlink(missing_ok=True)
        ending = run_again(reference.suite, out, folder / "log")
        broken = breach(ending, codes=(0,))
        broken = broken and f"after the file was deleted: {broken}"
    broken = broken or reference.difference(out, tables=False)
    return Row(name, broken, ending.cpu, ending.megabytes)
