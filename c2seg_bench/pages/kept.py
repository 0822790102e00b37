"""Numbers that take minutes, kept in a file as they come, so that a page that was interrupted goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from c2seg_bench.files import read_json, write_json

Compute = Callable[[], float]


class Kept:
    """Numbers by name.

    Args:
        path: of the file, which `finish` removes; one that was made of something else is written over.
        made_of: what the numbers depend on, such as a digest of the code.
        total: number of numbers, for the progress on stderr.
    """

    def __init__(self, path: Path, made_of: str, total: int):
        self._path, self._made_of, self._total, self._done = path, made_of, total, 0
        stored = read_json(path) or {}
        self._numbers: dict[str, float] = stored["numbers"] if stored.get("made_of") == made_of else {}

    def __call__(self, name: str, compute: Compute) -> float:
        """The number of this name, computed where it is not kept; with a line on stderr."""
        kept = name in self._numbers
        if not kept:
            self._numbers[name] = compute()
            write_json(self._path, {"made_of": self._made_of, "numbers": self._numbers})
        self._done += 1
        note = ", kept" if kept else ""
        print(f"[{self._done}/{self._total}] {name}: {self._numbers[name]:.4g}{note}", file=sys.stderr, flush=True)
        return self._numbers[name]

    def finish(self) -> None:
        """All numbers are in the page."""
        self._path.unlink(missing_ok=True)
