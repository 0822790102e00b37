"""The tables of noisy prompts: what each condition costs, and whether masks follow edited prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.stress import FAMILIES
from metrics.consistency import parse
from metrics.consistency.axes import AXES

if TYPE_CHECKING:
    from c2seg_bench.summary import Summary, Truth


def stress(run: Summary) -> list[dict[str, Any]]:
    """What every condition costs every method, in points of Dice and of consistency."""
    rows = []
    for (dataset, method, condition), noisy in run.scores[run.scores["condition"] != str(CLEAN)].groupby(
        ["dataset", "method", "condition"], sort=False
    ):
        family, severity = (parsed := Condition.parse(condition)).family, parsed.severity
        images = list(dict.fromkeys(noisy["image"]))
        clean = run.clean(dataset, method)
        clean = clean[clean["image"].isin(images)]
        about = {
            "dataset": dataset,
            "method": method,
            "kind": FAMILIES[family].kind,
            "family": family,
            "severity": severity,
            "stability": 100 * noisy["stability"].mean(),
            "changed": _changed(noisy, clean),
        }
        for metric, column in (("dice", "dice"), ("consistency", "score")):
            before, after = run.wide(clean, column, images), run.wide(noisy, column, images)
            drop, low, high = run.interval(100 * (before - after), dataset, condition, metric)
            rows.append(
                {
                    **about,
                    "metric": metric,
                    "clean": 100 * np.nanmean(before),
                    "value": 100 * np.nanmean(after),
                    "drop": drop,
                    "lo": low,
                    "hi": high,
                }
            )
    return rows


def ceiling(truth: Truth, axis: str, prompts: list[str]) -> float:
    """Share of experts' masks that satisfy what these prompts state on an axis, where experts really state it.

    Prompts that no expert of the test split wrote the like of are left out; nan where that is all of them.
    """
    ok = truth.rows[AXES[axis].ok].to_numpy(float)
    held: dict[Any, list[float]] = {}
    for text, answer in zip(truth.prompts, ok, strict=True):
        if not np.isnan(answer):
            held.setdefault(AXES[axis].statement(parse(text, truth.judge.ontology)), []).append(answer)
    wanted = [AXES[axis].statement(parse(text, truth.judge.ontology)) for text in prompts]
    found = [np.mean(held[key]) for key in wanted if key in held]
    return float(np.mean(found)) if found else float("nan")


def adherence(run: Summary) -> list[dict[str, Any]]:
    """Edited prompts: do the new masks satisfy the edited axis, and did the old ones?"""
    if "edited_ok" not in run.scores:
        return []
    rows: list[dict[str, Any]] = []
    ceilings: dict[tuple[str, str], float] = {}  # of the prompts, whichever method they were given to
    noisy = run.scores[run.scores["edited_ok"].notna()]
    for (dataset, method, condition), table in noisy.groupby(["dataset", "method", "condition"], sort=False):
        family = Condition.parse(condition).family
        axis = FAMILIES[family].judged_on(run.truth[dataset].judge.ontology)
        images = list(dict.fromkeys(table["image"]))
        if (dataset, condition) not in ceilings:
            prompts = list(table.drop_duplicates("image")["prompt"])
            ceilings[dataset, condition] = ceiling(run.truth[dataset], axis, prompts)
        after, before = (run.wide(table, f"{k}_ok", images) for k in ("edited", "before"))
        followed, low, high = run.interval(after, dataset, condition, "adherence")
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
                "ceiling": ceilings[dataset, condition],
                "graded": float(table["edited_score"].mean()),
                "graded_before": float(table["before_score"].mean()),
                "moved": float(1 - table["stability"].mean()),
            }
        )
    return rows


def _changed(noisy: pd.DataFrame, clean: pd.DataFrame) -> float:
    prompts = clean.drop_duplicates("image").set_index("image")["prompt"]
    return float((noisy["prompt"].to_numpy() != prompts.loc[noisy["image"]].to_numpy()).mean())
