"""How the prompts of the test split are worded: as the dataset has them, noisy, or edited to a known answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

ReferringKind = Literal["part", "nowhere", "mirrored", "conflict"]
REFERRING_KINDS: tuple[ReferringKind, ...] = get_args(ReferringKind)


@dataclass(frozen=True)
class Condition:
    """How the prompts of the test split are worded: by the dataset (`CLEAN`), or by a family of noise at a severity.

    Files and tables have it as text: `clean`, or FAMILY-SEVERITY such as `keyboard-3`. Edited prompts with a known
    answer have their kind as the family and a number as the severity: `part-2` is the second part that is named.
    """

    family: str
    severity: int

    def __str__(self) -> str:
        return f"{self.family}-{self.severity}" if self.severity else self.family

    @property
    def is_referring(self) -> bool:
        """Whether its prompts have a correct mask of their own, instead of the expert's under the true prompt."""
        return self.family in REFERRING_KINDS

    @classmethod
    def parse(cls, text: str) -> Condition:
        """The condition that `str` wrote. ValueError if the text is none."""
        if text == str(CLEAN):
            return CLEAN
        family, dash, severity = text.rpartition("-")
        if not (family and dash and severity.isdecimal() and int(severity)):
            raise ValueError(f"{text!r} is no condition; write clean, or FAMILY-SEVERITY such as keyboard-3")
        return cls(family, int(severity))


CLEAN = Condition("clean", 0)
