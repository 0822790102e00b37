"""The form that all checks share: a question is put to what was read, and answers with findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from baselines.plugins import Registry
from c2seg_bench.data.source import Record, Source
from c2seg_bench.errors import InputError

SIDE = 224  # of the masks that questions are put to
FEW = 3  # names in a line


@dataclass(frozen=True)
class Look:
    """What one pair's pixels told: (width, height), share of lesion, kind of mask values, sha256 of the picture.

    `thumb` (32, 32) uint8 is the picture in small, `bits` the mask at SIDE x SIDE, packed; None where it could not be
    read.
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
class Material:
    """A dataset as far as it could be read: its records, and the look of each. `encoder` cuts prompts into tokens."""

    source: Source
    records: list[Record]
    looks: list[Look]
    encoder: str = "minilm"

    def readable(self) -> Iterator[tuple[int, Record, Look]]:
        """Number, record and look of the pairs whose pixels could be read."""
        for i, (record, look) in enumerate(zip(self.records, self.looks, strict=True)):
            if look.bits is not None:
                yield i, record, look


@dataclass(frozen=True)
class Finding:
    """One line: what was found, and the names it is about. A problem needs mending, a note needs knowing."""

    what: str
    names: list[str] = field(default_factory=list)
    problem: bool = False

    def __str__(self) -> str:
        few = ", ".join(self.names[:FEW]) + (", ..." if len(self.names) > FEW else "")
        return f"{self.what}: {few}" if few else self.what


Question = Callable[[Material], list[Finding]]
CHECKS: Registry[Question] = Registry(
    "check of datasets", "c2seg_bench.data.checks", plugins="c2seg_bench.checks", error=InputError
)


def question(ask: Question) -> Question:
    """Decorator: put this question whenever a dataset is checked."""
    CHECKS.add(f"{ask.__module__}.{ask.__name__}", ask, ask)
    return ask


def ask_all(material: Material) -> list[Finding]:
    """Every question's findings, in the order of the questions' names."""
    return [finding for name in sorted(CHECKS) for finding in CHECKS[name](material)]
