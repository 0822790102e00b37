"""The result in a few lines: who leads, by how much, and whether the intervals are separate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.run import Run
from reports.tables.model import number

METRICS = (("dice", "Dice (%)"), ("corrected", "Chance-corrected consistency"))


@dataclass(frozen=True)
class Score:
    """A method's value with its 95 % interval."""

    title: str
    uses_text: bool
    value: float
    lo: float
    hi: float

    def __str__(self) -> str:
        return f"{self.title} {number(self.value, 2)} [{number(self.lo, 2)}, {number(self.hi, 2)}]"


def findings(run: Run) -> list[tuple[str, str]]:
    """(lead, sentence) per dataset and metric; plain text, to be escaped by the writer."""
    lines = []
    for dataset in run.datasets:
        for metric, words in METRICS:
            scores = _scores(run, dataset, metric)
            if scores:
                collapsed = [m.title for m in run.methods if m.name in run.unranked(dataset)]
                lines.append((f"{dataset}, {words}:", _sentence(scores, collapsed)))
    return lines


def _scores(run: Run, dataset: str, metric: str) -> list[Score]:
    """Best first; higher is better in both METRICS. A collapsed method is left out, since it cannot lead."""
    rows = run.main[(run.main["dataset"] == dataset) & (run.main["metric"] == metric)].set_index("method")
    scores = [Score(m.title, m.uses_text, *(float(rows.loc[m.name, c]) for c in ("value", "lo", "hi")))
              for m in run.methods if m.name in rows.index and m.name not in run.unranked(dataset)]  # fmt: skip
    return sorted((s for s in scores if s.value == s.value), key=lambda s: -s.value)


def _sentence(scores: list[Score], collapsed: Sequence[str]) -> str:
    first = scores[0]
    if len(scores) == 1 and collapsed:
        return f"{first}; no other method to compare with (collapsed: {', '.join(collapsed)})."
    if len(scores) == 1:
        return f"{first}; no other method to compare with."
    second = scores[1]
    level = [s for s in scores if number(s.value, 2) == number(first.value, 2)]
    if len(level) > 1:
        words = f"{', '.join(map(str, level[:-1]))} and {level[-1]} share the lead"
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
