"""Do masks follow the words: the answer in a sentence, from the strictest test that a run has."""

from __future__ import annotations

import pandas as pd

from reports.leaders import Score, best_first, leading
from reports.run import TRUTH, Run
from reports.tables.adherence import FAMILIES, families_in_order
from reports.tables.captions import listed
from reports.tables.model import number

NOT_MEASURED = "Not measured: the run has neither prompts with a known answer nor edited prompts."
COLLAPSED = "Not shown for any method: all of them give nearly always an empty mask, or the same one."


def following(run: Run, dataset: str) -> str:
    """Which methods follow the prompt: by prompts that name a part of the lesions, else by edited prompts."""
    return _parts(run, dataset) or _edits(run, dataset) or NOT_MEASURED


def _parts(run: Run, dataset: str) -> str:
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
            score = Score.of(method, table["dice"].loc[method.name])
            lowest = float(table["selectivity"].loc[method.name, "lo"])
            (follows if lowest > 0 and method.uses_text else others).append(score)
    return _answer(best_first(follows), best_first(others), table["dice"])


def _answer(follows: list[Score], others: list[Score], dice: pd.DataFrame) -> str:
    """The sentences about prompts that name a part.

    Args:
        dice: of every method and reference with the part, by name.
    """
    whole = f" ({number(float(dice.loc[TRUTH, 'value']), 2)})" if TRUTH in dice.index else ""
    above = f"above that of the experts' whole mask{whole}, which ignores the prompt"
    part = "Dice with the part of the lesions that a prompt names"
    readers = listed([str(score) for score in others if score.uses_text])
    free = next((score for score in others if not score.uses_text), None)
    sentences = []
    if follows:
        their = "its" if len(follows) == 1 else "their"
        sentences.append(f"Shown for {listed([str(score) for score in follows])}: {their} {part} is {above}.")
        sentences += [f"Not shown for {readers}."] if readers else []
    else:
        sentences.append(f"Not shown for any method: no {part} is clearly {above}.")
        sentences += [f"Text-guided: {readers}."] if readers else []
    if free is not None:
        sentences.append(f"Best text-free method: {free.title} ({free.printed}).")
    return " ".join(sentences)


def _edits(run: Run, dataset: str) -> str:
    """Which methods' masks satisfy an edited prompt, for the first family of edits that the run has; "" without one."""
    if run.adherence is None:
        return ""
    rows = run.adherence[(run.adherence["dataset"] == dataset) & run.adherence["followed"].notna()]
    families = families_in_order(rows)
    if not families:
        return ""
    own = rows[rows["family"] == families[0]].rename(columns={"followed": "value"}).set_index("method")
    ranked = [m for m in run.methods if m.name in own.index and m.name not in run.unranked(dataset)]
    scores = best_first([Score.of(method, own.loc[method.name], scale=100) for method in ranked])
    if not scores:
        return COLLAPSED
    edit = FAMILIES.get(families[0], families[0]).lower()
    return f"Share of masks that satisfy an edited prompt ({edit}), in percent: {leading(scores)}"
