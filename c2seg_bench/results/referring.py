"""referring.csv and referring_coverage.csv: edited prompts whose correct mask is known. Kinds are never averaged."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.errors import InputError
from c2seg_bench.referring.example import CONFLICT, MIRRORED, NOWHERE, PART
from c2seg_bench.referring.frozen import Frozen, read_frozen
from c2seg_bench.results.intervals import draw_seed
from c2seg_bench.results.referring_answers import (
    EXPERTS,
    Answers,
    Examples,
    arrays,
    examples_of,
    methods_of,
    of_kind,
    references_of,
)
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import Condition
from metrics.stats import Interval, bootstrap_corrected, bootstrap_mean


def referring(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, kind, method or reference, and measure; none where the suite asks for no such prompts."""
    rows: list[dict[str, Any]] = []
    for dataset in run.datasets if run.suite.referring else []:
        frozen = read_frozen(run.files.referring(dataset), run.cache(dataset))
        check_conditions(run, dataset, frozen)
        answers = {**methods_of(run, dataset), **references_of(run, dataset, frozen)}
        for kind in dict.fromkeys(condition.family for condition in frozen.by_condition):
            by_method = {name: of_kind(*tables, kind) for name, tables in answers.items()}
            by_method = {name: table for name, table in by_method.items() if len(table[0])}
            if EXPERTS not in by_method:
                continue
            keys = list(by_method[EXPERTS][0]["example"])
            examples = examples_of(run, dataset, kind, by_method[EXPERTS][0])
            for name, (edited, clean) in by_method.items():
                if set(edited["example"]) == set(keys):  # else an interrupted run
                    rows += measures(run, examples, name, arrays(edited, clean, keys, examples.images))
    return rows


def check_conditions(run: Run, dataset: str, frozen: Frozen) -> None:
    """InputError if there are scores of edited prompts that are no longer in the run's file of them."""
    scored = run.referring.loc[run.referring["dataset"] == dataset, "condition"].unique()
    if lost := [text for text in scored if Condition.parse(text) not in frozen.by_condition]:
        path = run.files.referring(dataset)
        raise InputError(f"{path}: has no prompts {lost[0]}, of which there are scores; run the suite again")


def coverage(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, kind and outcome: admitted, or the reason why an image admits no such prompt."""
    rows = []
    for dataset in run.datasets if run.suite.referring else []:
        frozen = read_frozen(run.files.referring(dataset), run.cache(dataset))
        shared = {"dataset": dataset, "looked_at": len(frozen.rows)}
        assert run.suite.referring is not None
        for kind in run.suite.referring.kinds:
            of_kind = [e for c, examples in frozen.by_condition.items() if c.family == kind for e in examples]
            reasons = Counter(refusal.reason for refusal in frozen.refusals if refusal.kind == kind)
            admitted = {"outcome": "admitted", "images": len({e.row for e in of_kind}), "prompts": len(of_kind)}
            rows.append({**shared, "kind": kind, **admitted})
            for reason, number in reasons.most_common():
                rows.append({**shared, "kind": kind, "outcome": reason, "images": number, "prompts": 0})
    return rows


def measures(run: Run, examples: Examples, method: str, answers: Answers) -> list[dict[str, Any]]:
    """The rows of one method and kind."""
    rows, true = answers.rows, answers.true
    if examples.kind == PART:
        means = {
            "dice": rows["dice"],
            "whole_dice": rows["whole_dice"],
            "own_dice": rows["own_dice"],
            "true_dice": true["dice"],
        }
    elif examples.kind == MIRRORED:
        means = {"dice": rows["dice"], "true_dice": true["dice"], "difference": rows["dice"] - true["dice"]}
    else:
        assert examples.kind in (NOWHERE, CONFLICT)
        means = {"no_target": rows["empty"], "invented": rows["covered"], "target": 1 - true["empty"]}
    intervals = {
        name: mean_of(run, examples, name, values, -1.0 if name == "difference" else 0.0)
        for name, values in means.items()
    }
    out = [row_of(examples, method, name, interval, 100.0) for name, interval in intervals.items()]
    if examples.kind == PART:
        out.append(row_of(examples, method, "selectivity", selectivity(run, examples, rows["dice"]), 1.0))
    return out


def mean_of(run: Run, examples: Examples, measure: str, values: NDArray[np.float64], least: float) -> Interval:
    """Mean over examples and seeds; `least` is the smallest value that there can be, the largest is 1."""
    drawn = draw_seed(run.suite.name, examples.dataset, "referring", examples.kind, measure)
    n = run.suite.score.bootstrap
    return bootstrap_mean(values, drawn, n=n, subjects=examples.subjects, bounds=(least, 1.0))


def selectivity(run: Run, examples: Examples, dice: NDArray[np.float64]) -> Interval:
    """(Dice with the part - Dice of the expert's whole mask with it) / (1 - the latter), of the means.

    1 of a method that segments what is named, 0 of the experts' whole masks, below 0 of a method that does not read
    and is less exact than they are.
    """
    unread = np.broadcast_to(examples.unread, dice.shape)
    drawn = draw_seed(run.suite.name, examples.dataset, "referring", examples.kind, "selectivity")
    ones = np.ones_like(examples.unread)
    n = run.suite.score.bootstrap
    return bootstrap_corrected(dice, unread, ones, examples.unread, drawn, n=n, subjects=examples.subjects)


def row_of(examples: Examples, method: str, measure: str, interval: Interval, scale: float) -> dict[str, Any]:
    value, low, high = (scale * end for end in interval)
    return {
        "dataset": examples.dataset,
        "kind": examples.kind,
        "method": method,
        "measure": measure,
        "value": value,
        "lo": low,
        "hi": high,
        "n": len(examples.images),
        "images": len(set(examples.images)),
        "undefined": interval.undefined,
    }
