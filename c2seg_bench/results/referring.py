"""referring.csv and referring_coverage.csv: edited prompts whose correct mask is known. Kinds are never averaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from c2seg_bench.referring.example import CONFLICT, MIRRORED, NOWHERE, PART, Example
from c2seg_bench.referring.frozen import Frozen, read_frozen
from c2seg_bench.referring.score import count_and_emptiness, score_examples
from c2seg_bench.results.blind import PROMPT_ONLY, prompt_masks
from c2seg_bench.results.by_image import ByImage
from c2seg_bench.results.intervals import draw_seed
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import Condition
from metrics.stats import Interval, bootstrap_corrected, bootstrap_mean

EXPERTS, EMPTY = "ground truth", "empty"
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """What one method or reference made of the n examples of one kind, in arrays (seeds, n).

    Args:
        rows: column of scores.parquet -> its values, of the masks of the edited prompts.
        true: column -> its values, of the same images' masks under the true prompt.
    """

    rows: Mapping[str, NDArray[np.float64]]
    true: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Examples:
    """The n examples of one kind.

    Args:
        images: of each example its image, which may have several.
        subjects: what the bootstrap draws: persons, or images where the person is not known.
        unread: (n,) Dice of the expert's whole mask with the right one.
    """

    dataset: str
    kind: str
    images: list[str]
    subjects: NDArray[np.str_]
    unread: NDArray[np.float64]


def referring(run: Run) -> list[dict[str, Any]]:
    """A row per dataset, kind, method or reference, and measure; none where the suite asks for no such prompts."""
    rows: list[dict[str, Any]] = []
    for dataset in run.datasets if run.suite.referring else []:
        frozen = read_frozen(run.files.referring(dataset), run.cache(dataset))
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


def methods_of(run: Run, dataset: str) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Method -> its rows under edited prompts, and under the true ones."""
    own = run.referring[run.referring["dataset"] == dataset]
    return {m: (own[own["method"] == m], run.clean(dataset, m)) for m in run.labels if m in set(own["method"])}


def references_of(run: Run, dataset: str, frozen: Frozen) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """The same of what does not look or does not read: the experts' whole masks, the empty mask, and `prompt only`."""
    cache, truth = run.cache(dataset), run.truth[dataset]
    train = cache.rows("train")
    masks, prompts = cache.masks[train].astype(bool), list(cache.index["prompt"].iloc[train])

    def by_prompt(wanted: list[str]) -> Masks:
        return prompt_masks(masks, prompts, wanted, truth.judge.ontology)

    def whole(examples: list[Example]) -> Masks:
        return np.stack([e.whole(cache.masks[e.row]) for e in examples])

    def nothing(examples: list[Example]) -> Masks:
        return np.zeros((len(examples), *cache.masks.shape[1:]), bool)

    def words_alone(examples: list[Example]) -> Masks:
        return by_prompt([e.prompt for e in examples])

    clean = {EXPERTS: truth.masks, EMPTY: np.zeros_like(truth.masks), PROMPT_ONLY: by_prompt(truth.prompts)}
    makers = {EXPERTS: whole, EMPTY: nothing, PROMPT_ONLY: words_alone}
    out = {}
    for name, own in clean.items():
        mask_of = dict(zip(map(int, truth.cache_rows), own, strict=True))
        parts = [
            score_examples(condition, examples, makers[name](examples), mask_of, cache, truth.judge)
            for condition, examples in frozen.by_condition.items()
        ]
        dice = [2.0 * (a & b).sum() / max(a.sum() + b.sum(), 1) for a, b in zip(own, truth.masks, strict=True)]
        _, empty = count_and_emptiness(own, truth.judge.frame)
        true = pd.DataFrame({"image": truth.names, "dice": dice, "empty": empty, "seed": 0})
        out[name] = (pd.concat(parts, ignore_index=True).assign(seed=0) if parts else pd.DataFrame(), true)
    return out


def of_kind(edited: pd.DataFrame, clean: pd.DataFrame, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of one kind, each example under a key of its own, `example`; and the clean rows."""
    if not len(edited):
        return edited, clean
    own = edited[edited["condition"].map(lambda text: Condition.parse(text).family == kind)]
    return own.assign(example=own["condition"] + "\0" + own["image"]), clean


def examples_of(run: Run, dataset: str, kind: str, experts: pd.DataFrame) -> Examples:
    images = list(experts["image"])
    known = run.subjects(dataset, images)
    subjects = np.array(images, str) if known is None else np.where(known != "", known, np.array(images, str))
    return Examples(dataset, kind, images, subjects, experts["dice"].to_numpy(float))


def arrays(edited: pd.DataFrame, clean: pd.DataFrame, keys: list[str], images: list[str]) -> Answers:
    by_key = edited.drop(columns="image").rename(columns={"example": "image"})
    names = list(dict.fromkeys(images))
    place = [names.index(name) for name in images]
    share = by_key["pred_area"] / (by_key["height"] * by_key["width"])
    own, true = ByImage(by_key.assign(covered=share), keys), ByImage(clean, names)
    rows = {column: own[column] for column in ("dice", "whole_dice", "own_dice", "empty", "covered")}
    return Answers(rows, {column: true[column][:, place] for column in ("dice", "empty")})


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
