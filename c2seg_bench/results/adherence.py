"""adherence.csv: edited prompts. Do the new masks satisfy what was edited, and did the old ones?"""

from __future__ import annotations

from typing import Any

import numpy as np

from c2seg_bench.results.intervals import mean_interval
from c2seg_bench.results.run import Run, Truth, wide
from c2seg_bench.rundir import Condition
from c2seg_bench.stress import FAMILIES
from metrics.consistency import parse
from metrics.consistency.axes import AXES

COLUMNS = ("dataset", "method", "seed", "condition", "image", "prompt", "stability", "empty", "edited_ok",
           "edited_score", "before_ok", "before_score")  # fmt: skip


def adherence(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, method and family of edits; none where no prompt was edited."""
    if "edited_ok" not in run.scores:
        return []
    rows: list[dict[str, Any]] = []
    ceilings: dict[tuple[str, str], float] = {}  # of the prompts, whichever method they were given to
    edited = run.scores.loc[run.scores["edited_ok"].notna(), list(COLUMNS)]
    by_condition = edited.groupby(["dataset", "method", "condition"], sort=False, observed=True)
    for (dataset, method, condition), table in by_condition:
        family = Condition.parse(condition).family
        axis = FAMILIES[family].judged_on(run.truth[dataset].judge.ontology)
        images = list(dict.fromkeys(table["image"]))
        if (dataset, condition) not in ceilings:
            prompts = list(table.drop_duplicates("image")["prompt"])
            ceilings[dataset, condition] = ceiling(run.truth[dataset], axis, prompts)
        after, before = (wide(table, f"{k}_ok", images) for k in ("edited", "before"))
        followed, low, high = mean_interval(run, after, dataset, images, condition, "adherence", bounds=(0.0, 1.0))
        rows.append(
            {
                "dataset": dataset,
                "method": method,
                "family": family,
                "axis": axis,
                "n": len(images),
                "followed": followed,
                "lo": low,
                "hi": high,
                "before": float(np.nanmean(before)),
                "empty": float(table["empty"].mean()),
                "ceiling": ceilings[dataset, condition],
                "graded": float(table["edited_score"].mean()),
                "graded_before": float(table["before_score"].mean()),
                "moved": float(1 - table["stability"].mean()),
            }
        )
    return rows


def ceiling(truth: Truth, axis: str, prompts: list[str]) -> float:
    """Share of experts' masks that satisfy what these prompts state on an axis, where an expert stated the same.

    Prompts that state what no expert of the test split stated are left out; nan where that is all of them.
    """
    stated = AXES[axis].statement
    ok = truth.rows[AXES[axis].ok].to_numpy(float)
    by_statement: dict[Any, list[float]] = {}
    for text, answer in zip(truth.prompts, ok, strict=True):
        if not np.isnan(answer):
            by_statement.setdefault(stated(parse(text, truth.judge.ontology)), []).append(answer)
    statements = [stated(parse(text, truth.judge.ontology)) for text in prompts]
    shares = [np.mean(by_statement[key]) for key in statements if key in by_statement]
    return float(np.mean(shares)) if shares else float("nan")
