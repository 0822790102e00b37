"""The record of a group of tries, one JSON line per try, so that a stopped run can continue."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Row:
    """A try.

    Args:
        name: unique in its group.
        broken: which promise it breaks; "" where it breaks none.
        seconds, megabytes: what it cost.
        commit: of the code that was tried.
    """

    name: str
    broken: str
    seconds: float = 0.0
    megabytes: int = 0
    commit: str = ""


class Record:
    """The rows of one group in FOLDER/GROUP.jsonl."""

    def __init__(self, folder: Path, group: str):
        self.path, self.group, self.commit = folder / f"{group}.jsonl", group, commit()
        folder.mkdir(parents=True, exist_ok=True)

    def rows(self) -> list[Row]:
        """The last row of every name."""
        if not self.path.exists():
            return []
        rows = [Row(**json.loads(line)) for line in self.path.read_text().splitlines()]
        return list({row.name: row for row in rows}.values())

    def add(self, row: Row) -> None:
        with open(self.path, "a") as file:
            file.write(json.dumps({**asdict(row), "commit": self.commit}) + "\n")

    def forget(self, broken_only: bool) -> None:
        """Drop rows, or those that broke a promise, so that they are tried again."""
        kept = [row for row in self.rows() if broken_only and not row.broken]
        self.path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in kept))

    def fill(self, tries: Iterable[tuple[str, Callable[[], Row]]]) -> Iterator[None]:
        """Run the tries that have no row yet, one at each step."""
        known = {row.name for row in self.rows()}
        for name, function in tries:
            if name not in known:
                self.add(row := function())
                print(f"{self.group:12} {name:60} {row.broken or 'survived'}", flush=True)
                yield


def commit() -> str:
    """The short id of the checkout's commit, with + where files differ from it; "" where there is no git."""
    try:
        said = [
            subprocess.run(["git", *args], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.strip()
            for args in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said[0] + ("+" if said[1] else "")
