"""docs/reliability.md, from the records of what was tried."""

from __future__ import annotations

import platform
from collections import Counter
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.reliability.loop import growth
from tests.reliability.record import Row

SHOWN = 40  # tries that broke a promise, listed by name
PACKAGES = ("torch", "numpy", "pandas", "pyarrow", "pillow", "openpyxl", "nibabel", "pyyaml", "pydantic")
HEAD = """\
# Reliability: promises and tests

`make reliability` tries to break a run and everything that reads a file. It records each try, writes this page from
the record, and fails where a promise is broken. `make test` includes the quick tests, `make test-minutes` a few tries
of each kind.

## What is promised

- A run that is killed, interrupted, or stopped by the machine (a full disk, too little memory) keeps its finished
  work. The same command continues it and ends with the numbers of an undisturbed run.
- Results that are kept answer the suite that is reported. A step runs again when something it reads has changed: data,
  prompts, settings or code. Data that only moved does not count as changed.
- A damaged file of a run is repaired or refused by name. It is never used.
- A wrong input is refused in one line that names the file, the fault and the fix, within 10 seconds of processor time
  and 2 GB of memory.
- On one machine, with one number of threads, the numbers depend on the suite alone: not on the order of methods,
  `--only`, `workers`, resuming, the locale or the clock.

## What is not promised

- **The same numbers on another machine**, with another number of threads per cell, or with another version of torch:
  sums are then added in another order. `threads` is part of a cell's key for that reason.
- **Power failure.** Files are written under a temporary name, flushed to the disk and renamed. What a disk does with
  its own cache is not tested: SIGKILL ends a process, not a machine.
- **Shared file systems.** The lock of a run's folder is `flock`, which some network file systems do not keep across
  machines. Ray's nodes write only to the folders of their own cells.
- **Several runs at once.** A second run in the same folder is refused, on the same machine. Runs in different folders
  do not know of each other and compete for memory and cores.
- **Protection from a method's code.** A method is code that the user runs: it can do whatever the user can.
"""

INCOMPLETE = (
    "**The record is not complete.** Where the table says N of M, the remaining tries have not been made yet; the next "
    "call of `make reliability` makes them."
)


@dataclass(frozen=True)
class Group:
    """A promise and the record of its tries; `missing` says why there are none."""

    title: str
    promise: str
    rows: list[Row]
    wanted: int
    missing: str = ""


def page(groups: list[Group], loop: Path) -> str:
    """The page in Markdown."""
    tried = [row for group in groups for row in group.rows]
    broken = [(group, row) for group in groups for row in group.rows if row.broken]
    lines = [HEAD, "## What was tried", "", _measured(tried), ""]
    if any(len(group.rows) < group.wanted for group in groups if not group.missing):
        lines += [INCOMPLETE, ""]
    lines += [*_table(groups), "", *_loop(loop), ""]
    lines += ["## What broke", ""]
    if not broken:
        lines.append("Nothing. A try that broke a promise and survives since the code was fixed counts as survived.")
    for group, row in broken[:SHOWN]:
        lines.append(f"- {group.title}: {_plain(row.name)}: {_plain(row.broken)} (commit {row.commit})")
    if len(broken) > SHOWN:
        lines.append(f"- and {len(broken) - SHOWN} more; the record has all of them")
    return "\n".join(lines) + "\n"


def _measured(rows: list[Row]) -> str:
    commits = Counter(row.commit for row in rows)
    listed = ", ".join(f"{commit} ({n} tries)" for commit, n in commits.most_common())
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    machine = f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}, {versions}"
    return (
        f"Measured until {date.today()}, on {machine}. Commits of the code: {listed}; a + marks files that were not "
        "committed yet. Seconds are processor time, because the machine was shared. Memory is the peak resident memory "
        "of the process, which includes about 600 MB of loaded libraries."
    )


def _table(groups: list[Group]) -> list[str]:
    lines = ["| promise | tries | survived | longest, s | largest, MB |", "|---|---:|---:|---:|---:|"]
    for group in groups:
        survived = sum(not row.broken for row in group.rows)
        longest = max((row.seconds for row in group.rows), default=0)
        largest = max((row.megabytes for row in group.rows), default=0)
        if group.missing:
            lines.append(f"| {group.promise} | not tried: {group.missing} | | | |")
            continue
        tries = f"{len(group.rows)}" + (f" of {group.wanted}" if len(group.rows) < group.wanted else "")
        lines.append(f"| {group.promise} | {tries} | {survived} | {longest:.1f} | {largest} |")
    return lines


def _loop(record: Path) -> list[str]:
    grew, rows = growth(record)
    lines = ["## In a loop", ""]
    if not rows:
        return [*lines, "The loop has not been run."]
    first, last = rows[min(3, len(rows) - 1)], rows[-1]
    lines.append(
        f"A short suite ran {len(rows)} times in one process, for {last['seconds'] / 60:.0f} minutes. "
        + ("Nothing grew." if not grew else f"**{grew}.**")
    )
    lines += ["", "| | fourth run | last run |", "|---|---:|---:|"]
    lines += [f"| {what} | {first[what]} | {last[what]} |" for what in first if what != "seconds"]
    return lines


def _plain(text: str) -> str:
    """Text of a record in Markdown: one line, nothing that would be read as markup."""
    line = " ".join(text.encode("ascii", "backslashreplace").decode().split())
    return "`" + line.replace("`", "'")[:220] + "`"
