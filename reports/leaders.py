"""Who leads on one score, in a sentence, and whether the intervals are separate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reports.run import Method
from reports.tables.captions import listed
from reports.tables.model import number


@dataclass(frozen=True)
class Score:
    """A method's value with its 95 % interval, in the unit of the table it comes from."""

    title: str
    uses_text: bool
    value: float
    lo: float
    hi: float

    @classmethod
    def of(cls, method: Method, row: pd.Series, scale: float = 1.0) -> Score:
        """From a row with `value`, `lo` and `hi`, multiplied by `scale`."""
        return cls(method.title, method.uses_text, *(scale * float(row[end]) for end in ("value", "lo", "hi")))

    @property
    def printed(self) -> str:
        return number(self.value, 2)

    def __str__(self) -> str:
        return f"{self.title} {self.printed} [{number(self.lo, 2)}, {number(self.hi, 2)}]"


def best_first(scores: Sequence[Score]) -> list[Score]:
    """Without those that are not known; more is better."""
    return sorted((s for s in scores if s.value == s.value), key=lambda s: -s.value)


def leading(scores: Sequence[Score], collapsed: Sequence[str] = ()) -> str:
    """The sentence about the first, the second and the best text-free method of `scores`, best first.

    Args:
        collapsed: titles of methods that are left out of `scores` for it.
    """
    first = scores[0]
    if len(scores) == 1:
        why = f" (collapsed: {', '.join(collapsed)})" if collapsed else ""
        return f"{first}; no other method to compare with{why}."
    second = scores[1]
    level = [s for s in scores if s.printed == first.printed]
    if len(level) > 1:
        words = f"{listed([str(s) for s in level])} share the lead"
    else:
        words = f"{first} leads; second {second}, {separation(first, second)}"
    free = next((s for s in scores if not s.uses_text), None)
    if free is not None and free not in (*level, second):
        words += f"; best text-free {free}, {separation(first, free)}"
    return f"{words}."


def separation(better: Score, worse: Score) -> str:
    """Whether two 95 % intervals are apart. Overlap alone does not prove that there is no difference."""
    if any(v != v for v in (better.lo, worse.hi)):
        return "intervals not known"
    return "intervals separate" if better.lo > worse.hi else "intervals overlap"
