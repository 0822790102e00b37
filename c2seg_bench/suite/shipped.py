"""The suites that ship, by name: `quick` is suites/quick.yaml, in a checkout and in an installed package alike."""

from __future__ import annotations

from pathlib import Path

from baselines.plugins import unknown_name
from c2seg_bench.errors import InputError

FOLDER = Path(__file__).parents[1] / "suites"  # a link to the checkout's suites/; a wheel contains the files


def shipped_suites() -> dict[str, Path]:
    """Name -> file of every suite that ships, in alphabetical order."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def find_suite(given: str | Path) -> Path:
    """The suite file at this path, else the one that ships under this name (`quick`, `quick.yaml`).

    Raises:
        InputError: neither exists.
    """
    path, shipped = Path(given), shipped_suites()
    if path.exists():
        return path
    is_name = path.name == str(given) and path.suffix in ("", ".yaml")
    if not is_name:
        raise InputError(f"{given}: no such suite file; give its path, or the name of one that ships")
    if path.stem not in shipped:
        raise InputError(f"{unknown_name('suite', str(given), shipped)}; your own suite is given by its path")
    return shipped[path.stem]
