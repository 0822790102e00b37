"""adherence.csv: edited prompts. Do the new masks satisfy what was edited, and did the old ones?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.results.by_image import ByImage, methods_by_images
from c2seg_bench.results.intervals import mean_intervals
from c2seg_bench.results.run import Run
from c2seg_bench.results.truth import Truth
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
    edited = run.scores.loc[run.scores["edited_ok"].notna(), list(COLUMNS)]
    groups = edited.groupby(["dataset", "condition", "method"], sort=False, observed=True)
    tables: dict[tuple[str, str], dict[str, pd.DataFrame]] = {}
    for (dataset, condition, method), table in groups:
        tables.setdefault((dataset, condition), {})[method] = table
    rows = [row for (dataset, condition), own in tables.items() for row in _rows(run, dataset, condition, own)]
    order = {name: k for k, name in enumerate(dict.fromkeys(zip(edited["dataset"], edited["method"], strict=True)))}
    return sorted(rows, key=lambda row: order[row["dataset"], row["method"]])


def _rows(run: Run, dataset: str, condition: str, tables: dict[str, pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """The rows of all methods under one family of edits."""
    truth, family = run.truth[dataset], Condition.parse(condition).family
    axis = FAMILIES[family].judged_on(truth.judge.ontology)
    edited_images = {method: list(dict.fromkeys(table["image"])) for method, table in tables.items()}
    for images, methods in methods_by_images(edited_images):
        prompts = list(tables[methods[0]].drop_duplicates("image")["prompt"])
        shared = {"dataset": dataset, "family": family, "axis": axis, "n": len(images)}
        shared["ceiling"] = ceiling(truth, axis, prompts)  # of the prompts, whichever method they were given to
        scores = {method: ByImage(tables[method], images) for method in methods}
        after = {method: own["edited_ok"] for method, own in scores.items()}
        intervals = mean_intervals(run, after, dataset, images, condition, "adherence", bounds=(0.0, 1.0))
        for method in methods:
            table = tables[method]
            yield {
                **shared,
                "method": method,
                **dict(zip(("followed", "lo", "hi"), intervals[method], strict=True)),
                "before": float(np.nanmean(scores[method]["before_ok"])),
                "empty": float(table["empty"].mean()),
                "graded": float(table["edited_score"].mean()),
                "graded_before": float(table["before_score"].mean()),
                "moved": float(1 - table["stability"].mean()),
            }


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
