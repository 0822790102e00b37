"""The result in a few lines: which methods follow the words, who leads, and whether the intervals are separate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reports.run import TRUTH, Method, Run
from reports.tables.captions import listed
from reports.tables.model import number

METRICS = {"dice": "Dice (%)", "corrected": "Chance-corrected consistency"}


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
    """(lead, sentence) per dataset and question; plain text, to be escaped by the writer."""
    lines = []
    for dataset in run.datasets:
        if sentence := following(run, dataset):
            lines.append((f"{dataset}, do masks follow the words?", sentence))
        for metric, words in METRICS.items():
            scores = _scores(run, dataset, metric)
            if scores:
                collapsed = [m.title for m in run.methods if m.name in run.unranked(dataset)]
                lines.append((f"{dataset}, {words}:", _sentence(scores, collapsed)))
    return lines


def following(run: Run, dataset: str) -> str:
    """Which methods segment the part that a prompt names; "" where the run has no such prompts.

    A method follows the words where the interval of its selectivity is above 0: its Dice with the part named is above
    that of the experts' whole mask, the best that a method could do without reading.
    """
    if run.referring is None:
        return ""
    values = run.referring.values
    parts = values[(values["dataset"] == dataset) & (values["kind"] == "part")]
    table = {measure: rows.set_index("method") for measure, rows in parts.groupby("measure")}
    if not {"dice", "selectivity"} <= set(table):
        return ""
    follows: list[Score] = []
    others: list[Score] = []
    for method in run.methods:
        if method.name in table["dice"].index and method.name in table["selectivity"].index:
            score = _score(method, table["dice"].loc[method.name])
            lowest = float(table["selectivity"].loc[method.name, "lo"])
            (follows if lowest > 0 and method.uses_text else others).append(score)
    follows.sort(key=lambda score: -score.value)
    others.sort(key=lambda score: -score.value)
    return _answer(follows, others, _whole(table["dice"]))


def _answer(follows: list[Score], others: list[Score], whole: str) -> str:
    """The sentence of `following`; `whole`: the Dice of the experts' whole mask."""
    above = f"above that of the experts' whole mask{whole}"
    part = "Dice with the part of the lesions that a prompt names"
    rest = listed([f"{score.title} ({number(score.value, 2)})" for score in others])
    if not follows:
        return f"No method is shown to: the {part} is not clearly {above} for {rest}."
    verb, their = ("does", "its") if len(follows) == 1 else ("do", "their")
    words = f"{listed([str(score) for score in follows])} {verb}: {their} {part} is {above}."
    return f"{words} Not shown for {rest}." if rest else words


def _whole(dice: pd.DataFrame) -> str:
    """The Dice of the experts' whole mask, in brackets; "" where it is not known."""
    return f" ({number(float(dice.loc[TRUTH, 'value']), 2)})" if TRUTH in dice.index else ""


def _score(method: Method, row: pd.Series) -> Score:
    return Score(method.title, method.uses_text, *(float(row[end]) for end in ("value", "lo", "hi")))


def _scores(run: Run, dataset: str, metric: str) -> list[Score]:
    """Best first; higher is better in both METRICS. A collapsed method is left out, since it cannot lead."""
    rows = run.main[(run.main["dataset"] == dataset) & (run.main["metric"] == metric)].set_index("method")
    ranked = [m for m in run.methods if m.name in rows.index and m.name not in run.unranked(dataset)]
    scores = [_score(method, rows.loc[method.name]) for method in ranked]
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
