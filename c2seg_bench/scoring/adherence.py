"""Do masks follow a prompt whose meaning was edited?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.stress import FAMILIES
from metrics.consistency import parse
from metrics.consistency.axes import AXES


def adherence(
    condition: Condition,
    masks: NDArray[np.bool_],
    clean_masks: NDArray[np.bool_],
    prompts: Sequence[str],
    clean_prompts: Sequence[str],
    judge: Judge,
    rows: np.ndarray,
) -> dict[str, NDArray[np.float64]]:
    """Whether masks agree with an edited prompt on the axis that was edited, and whether the masks before the edit did.

    Args:
        condition: whose family says which axis is edited.
        masks, clean_masks: (n, S, S) made with the edited and with the clean prompt.
        prompts, clean_prompts: n texts each.
        judge: of the dataset.
        rows: (n,) which of the judge's images the masks belong to.

    Returns:
        `edited_ok`, `edited_score` of `masks` and `before_ok`, `before_score` of `clean_masks`, all against the edited
        prompt, (n,), nan if the edit leaves the axis as it was. Empty for noise that does not edit the meaning.
    """
    axis_name = "" if condition == CLEAN else FAMILIES[condition.family].judged_on(judge.ontology)
    if not axis_name:
        return {}
    axis = AXES[axis_name]
    edited = [
        axis.statement(parse(clean, judge.ontology)) != axis.statement(parse(noisy, judge.ontology))
        for clean, noisy in zip(clean_prompts, prompts, strict=True)
    ]
    columns = {}
    for name, predicted in (("edited", masks), ("before", clean_masks)):
        verdicts = judge.rows(predicted, prompts, rows)
        for suffix, column in (("ok", axis.ok), ("score", axis.score)):
            columns[f"{name}_{suffix}"] = np.where(edited, verdicts[column].to_numpy(float), np.nan)
    return columns
