"""Try everything and write the page: python -m tests.reliability docs/reliability.md"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.reliability import (
    damage,
    determinism,
    keys,
    kills,
    loop,
    methods,
    places,
    raylets,
)
from tests.reliability.batches import in_batches
from tests.reliability.hostile import files, suites
from tests.reliability.page import Group, page
from tests.reliability.record import CHECKOUT, Record
from tests.reliability.small_run import warm_up


class Kind(NamedTuple):
    """A group of tries: its module, how many there are (in a `short` call), and whether many share a process."""

    module: Any
    number: int
    short: int
    batched: bool = False


END = object()
KINDS = {
    "files": Kind(files, 2000, 88, batched=True),
    "suites": Kind(suites, 200, 50, batched=True),
    "keys": Kind(keys, 63, 0),
    "methods": Kind(methods, 34, 3),
    "damage": Kind(damage, 188, 4),
    "kills": Kind(kills, 100, 3),
    "places": Kind(places, 44, 2),
    "determinism": Kind(determinism, 11, 0),
    "raylets": Kind(raylets, 2, 0),
}


def main() -> int:
    """Exit code 0: all was tried and survived, 1: a promise broke, 3: time ran out, call it again to continue."""
    options = arguments()
    until = time.monotonic() + options.seconds
    folder = options.folder.absolute()
    if options.seconds and not all(KINDS[name].batched for name in options.only or KINDS):  # fuzzing runs no suite
        warm_up()
    records = {name: Record(folder, name) for name in KINDS}
    if options.again:
        for name in options.only or KINDS:
            records[name].forget(broken_only=options.again == "broken")
    turns = {name: new_tries(KINDS[name], records[name], folder / name, options) for name in options.only or KINDS}
    finished = take_turns(turns, until)
    seconds = min(60 * options.loop_minutes, until - time.monotonic())
    if seconds > 0:
        loop.run_loop(folder / "loop", seconds, folder / "loop.jsonl")
    groups = [group_of(name, records[name], options) for name in KINDS]
    options.page.write_text(page(groups, folder / "loop.jsonl"), encoding="utf-8")
    broken = sum(bool(row.broken) for group in groups for row in group.rows)
    tried = sum(len(group.rows) for group in groups)
    grew = loop.growth(folder / "loop.jsonl")[0] if (folder / "loop.jsonl").exists() else ""
    print(f"{tried} tries, {broken} broke a promise{f'; the loop: {grew}' if grew else ''}; wrote {options.page}")
    if broken or grew:
        return 1
    return 0 if finished else 3


def take_turns(turns: dict[str, Iterator[None]], until: float) -> bool:
    """A try of every group in turn, so that a run that is stopped has tried something of each.

    Returns:
        Whether all were made before the time `until`, of `time.monotonic`.
    """
    while turns:
        for name in list(turns):
            if time.monotonic() > until:
                return False
            if next(turns[name], END) is END:
                del turns[name]
    return True


def new_tries(kind: Kind, record: Record, folder: Path, options: argparse.Namespace) -> Iterator[None]:
    """Make the tries of a group that its record lacks, one (or a batch) at each step."""
    number = number_of(kind, options)
    if not number:
        return
    tries: Iterator[tuple[str, Callable[[], Any]]] = kind.module.tries(folder, number)
    if not kind.batched:
        yield from record.fill(tries)
        return
    for rows in in_batches(tries, folder, {row.name for row in record.rows()}):
        for row in rows:
            record.add(row)
            if row.broken:
                print(f"{record.group:12} {row.name:40} {row.broken}", flush=True)
        print(f"{record.group:12} {len(record.rows())} of {number}", flush=True)
        yield


def number_of(kind: Kind, options: argparse.Namespace) -> int:
    return kind.short if options.short else kind.number


def group_of(name: str, record: Record, options: argparse.Namespace) -> Group:
    """What the page says of a group."""
    kind = KINDS[name]
    missing = getattr(kind.module, "MISSING", "")
    return Group(name, kind.module.PROMISE, record.rows(), number_of(kind, options), missing)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("page", type=Path, help="the page to write, such as docs/reliability.md")
    parser.add_argument("--folder", type=Path, default=CHECKOUT / "results" / "reliability", help="of the record")
    parser.add_argument("--only", action="append", choices=list(KINDS), help="groups to try; default: all")
    parser.add_argument("--short", action="store_true", help="a few tries of each group")
    parser.add_argument(
        "--seconds", type=float, default=1e9, help="stop after so many; 0: only write the page; the next call continues"
    )
    parser.add_argument("--loop-minutes", type=float, default=0, help="run the loop for so long at the end")
    parser.add_argument("--again", choices=("broken", "all"), help="forget what the record has of these groups first")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
