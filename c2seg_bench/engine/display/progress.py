"""A cell's progress, in a small file that the parent process reads and shows.

A file instead of a queue: it works in this process, in a pool, on Ray, and for a person with `cat`.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from c2seg_bench.files import atomic

INTERVAL = 0.5  # seconds between two states


class Progress:
    """Writes FOLDER/progress.json at most twice a second and appends whole epochs to FOLDER/log.jsonl."""

    def __init__(self, folder: Path, stage: str, total: int, done: int = 0):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.stage, self.total = folder, stage, total
        self.first, self.start, self.last = done, time.monotonic(), 0.0

    def due(self, done: int) -> bool:
        """Whether `step` would write now; figures that cost something to read need not be read before."""
        return time.monotonic() - self.last >= INTERVAL or done >= self.total

    def step(self, done: int, **figures: Any) -> None:
        """Write the state, if the last one is old enough."""
        if not self.due(done):
            return
        self.last = now = time.monotonic()
        steps = done - self.first
        left = (now - self.start) / steps * (self.total - done) if steps else None
        state = {"stage": self.stage, "done": done, "total": self.total, "left": left, **figures}
        with atomic(self.folder / "progress.json", durable=False) as temporary:
            temporary.write_text(json.dumps(state), encoding="utf-8")

    def epoch(self, **figures: Any) -> None:
        """Append a line to the log."""
        with open(self.folder / "log.jsonl", "a", encoding="utf-8") as f:
            f.write(json.dumps({"stage": self.stage, **figures}) + "\n")

    def forget_epochs_after(self, epochs: int) -> None:
        """Remove later epochs of this stage from the log, which an interrupted run has left and this one repeats."""
        log = self.folder / "log.jsonl"
        if not log.exists():
            return
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        kept = [line for line in lines if self._stays(line, epochs)]
        if kept != lines:
            with atomic(log, durable=False) as temporary:
                temporary.write_text("".join(kept), encoding="utf-8")

    def _stays(self, line: str, epochs: int) -> bool:
        try:
            entry = json.loads(line)
            return entry["stage"] != self.stage or entry["epoch"] <= epochs
        except (ValueError, KeyError, TypeError):  # cut when the process was killed
            return False


def read(folder: Path) -> dict[str, Any]:
    """The last state written; {} before the first, or where the file is damaged."""
    try:
        state = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) and state.keys() >= {"stage", "done", "total"} else {}
