"""A short suite repeated in one process: memory, open files and disk use do not grow, except by the results."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from tests.reliability.attempt import attempt
from tests.reliability.small_run import write_suite

PROMISE = "A short suite in a loop takes no more memory, open files or disk from run to run"
WARM = 3  # runs before caches are filled
GROWTH = 0.02  # share of the memory, between the first and the last third of the loop
SLACK = 16  # MB of it that an allocator may need more
SUITE = """\
name: loop
size: tiny
device: cpu
datasets: {phantom: {source: phantom, size: 32, options: {train: 4, val: 2, test: 2}}}
methods: [unet]
train: {epochs: 1, batch: 4}
score: {bootstrap: 100}
"""


def run_loop(folder: Path, seconds: float, record: Path) -> None:
    """Run the suite until the time is over, in one forked process; a line per run is added to the record."""
    shutil.rmtree(folder, ignore_errors=True)
    suite = write_suite(folder, SUITE)
    temporary = folder / "tmp"
    temporary.mkdir()
    record.unlink(missing_ok=True)

    def loop() -> None:
        from rich.console import Console

        from c2seg_bench.engine.grid.run import run_suite
        from c2seg_bench.suite import load_suite

        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            shutil.rmtree(folder / "out", ignore_errors=True)
            run_suite(load_suite(suite), folder / "out", console=Console(quiet=True))
            with open(record, "a") as file:
                file.write(json.dumps({"seconds": round(time.monotonic() - start), **_state(folder)}) + "\n")

    ending = attempt(loop, folder / "log")
    if ending.code:
        with open(record, "a") as file:
            file.write(json.dumps({"error": ending.err[-500:]}) + "\n")


def _state(folder: Path) -> dict[str, int]:
    """Memory in MB, open files, files in the temporary folder and beside the results, size of the results in kB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    size = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
    return {
        "megabytes": pages * os.sysconf("SC_PAGE_SIZE") >> 20,
        "open files": len(os.listdir("/proc/self/fd")),
        "temporary files": sum(1 for _ in (folder / "tmp").rglob("*")),
        "files beside the results": len(os.listdir(folder)),
        "kB of results": size >> 10,
    }


def growth(record: Path) -> tuple[str, list[dict[str, int]]]:
    """What grew ("" where nothing did), and the states of all runs."""
    rows = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    if rows and "error" in rows[-1]:
        return f"the loop ended: {rows[-1]['error'].strip().splitlines()[-1][:200]}", rows[:-1]
    warm = rows[WARM:]
    if len(warm) < 6:
        return "too few runs to judge", rows
    third = len(warm) // 3
    for what in warm[0]:
        if what == "seconds":
            continue
        first, last = (statistics.median(row[what] for row in part) for part in (warm[:third], warm[-third:]))
        allowed = first * GROWTH + SLACK if what in ("megabytes", "kB of results") else 0
        if last > first + allowed:
            return f"{what} grew from {first:.0f} to {last:.0f}", rows
    return "", rows
