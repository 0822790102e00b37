"""The form that all checks share: a check reads the pairs of a dataset and returns findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from baselines.plugins import Registry
from c2seg_bench.data.source import Record, Source
from c2seg_bench.errors import InputError

SIDE = 224  # of the masks that checks read
FEW = 3  # names in a line


@dataclass(frozen=True)
class CheckedPair:
    """What one pair's pixels showed.

    Args:
        problem: why the pair could not be read.
        size: of the image, "WIDTHxHEIGHT".
        values: kind of the mask's values.
        lesion: share of the mask.
        sha: sha256 of the image.
        thumb: (32, 32) uint8, the image reduced; None if it could not be read, as for `bits`.
        bits: the mask at SIDE x SIDE, packed.
    """

    problem: str | None = None
    size: str = ""
    values: str = ""
    lesion: float = 0.0
    sha: str = ""
    thumb: np.ndarray | None = None
    bits: np.ndarray | None = None

    @property
    def mask(self) -> np.ndarray:
        """(SIDE, SIDE) bool."""
        assert self.bits is not None
        return np.unpackbits(self.bits, count=SIDE * SIDE).reshape(SIDE, SIDE).astype(bool)


@dataclass(frozen=True)
class CheckedSet:
    """A dataset as far as it could be read: a pair for each record. `encoder` cuts prompts into tokens."""

    source: Source
    records: list[Record]
    pairs: list[CheckedPair]
    encoder: str = "minilm"

    def readable(self) -> Iterator[tuple[int, Record, CheckedPair]]:
        """Number, record and pair of those whose pixels could be read."""
        for i, (record, pair) in enumerate(zip(self.records, self.pairs, strict=True)):
            if pair.bits is not None:
                yield i, record, pair


@dataclass(frozen=True)
class Finding:
    """One line of the report, and the pairs that it is true of. A problem must be fixed; everything else is a note."""

    what: str
    names: list[str] = field(default_factory=list)
    problem: bool = False

    def __str__(self) -> str:
        few = ", ".join(self.names[:FEW]) + (", ..." if len(self.names) > FEW else "")
        return f"{self.what}: {few}" if few else self.what


Check = Callable[[CheckedSet], list[Finding]]
CHECKS: Registry[Check] = Registry(
    "check of datasets", "c2seg_bench.data.checks", plugins="c2seg_bench.checks", error=InputError
)


def dataset_check(function: Check) -> Check:
    """Decorator: run this function whenever a dataset is checked."""
    CHECKS.add(f"{function.__module__}.{function.__name__}", function, function)
    return function


def run_checks(dataset: CheckedSet) -> list[Finding]:
    """The findings of every check, in the order of the checks' names."""
    return [finding for name in sorted(CHECKS) for finding in CHECKS[name](dataset)]
