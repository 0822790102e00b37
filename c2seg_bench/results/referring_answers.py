"""What methods and references made of the edited prompts whose correct mask is known, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metrics
from c2seg_bench.referring.example import Example
from c2seg_bench.referring.frozen import Frozen
from c2seg_bench.referring.score import count_and_emptiness, score_examples
from c2seg_bench.results.blind import PROMPT_ONLY, prompt_masks
from c2seg_bench.results.by_image import ByImage
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import Condition

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
        images: the image of each example; several examples may be of one image.
        subjects: what the bootstrap draws: persons, or images where the person is not known.
        unread: (n,) Dice of the expert's whole mask with the correct one, which a method reaches without reading.
    """

    dataset: str
    kind: str
    images: list[str]
    subjects: NDArray[np.str_]
    unread: NDArray[np.float64]


def methods_of(run: Run, dataset: str) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Method -> its rows under edited prompts, and under the true ones."""
    edited = run.referring[run.referring["dataset"] == dataset]
    labels = [label for label in run.labels if label in set(edited["method"])]
    return {label: (edited[edited["method"] == label], run.clean(dataset, label)) for label in labels}


def references_of(run: Run, dataset: str, frozen: Frozen) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """As `methods_of`, of the experts' whole masks, empty ones (neither reads) and `prompt only` (does not look)."""
    cache, truth = run.cache(dataset), run.truth[dataset]
    train = cache.rows("train")
    masks, prompts = cache.masks[train].astype(bool), list(cache.index["prompt"].iloc[train])

    def by_prompt(wanted: list[str]) -> Masks:
        return prompt_masks(masks, prompts, wanted, truth.judge.ontology)

    def whole(examples: list[Example]) -> Masks:
        return np.stack([e.whole(cache.masks[e.row]) for e in examples])

    def nothing(examples: list[Example]) -> Masks:
        return np.zeros((len(examples), *cache.masks.shape[1:]), bool)

    def prompt_alone(examples: list[Example]) -> Masks:
        return by_prompt([e.prompt for e in examples])

    clean = {EXPERTS: truth.masks, EMPTY: np.zeros_like(truth.masks), PROMPT_ONLY: by_prompt(truth.prompts)}
    makers = {EXPERTS: whole, EMPTY: nothing, PROMPT_ONLY: prompt_alone}
    out = {}
    for name, own in clean.items():
        mask_of = dict(zip(map(int, truth.cache_rows), own, strict=True))
        parts = [
            score_examples(condition, examples, makers[name](examples), mask_of, cache, truth.judge)
            for condition, examples in frozen.by_condition.items()
        ]
        dice = [metrics.dice(mask, target) for mask, target in zip(own, truth.masks, strict=True)]
        _, empty = count_and_emptiness(own, truth.judge.frame)
        true = pd.DataFrame({"image": truth.names, "dice": dice, "empty": empty, "seed": 0})
        out[name] = (pd.concat(parts, ignore_index=True).assign(seed=0) if parts else pd.DataFrame(), true)
    return out


def of_kind(edited: pd.DataFrame, clean: pd.DataFrame, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of one kind with a column `example`, the key of each edited prompt; and the clean rows."""
    if not len(edited):
        return edited, clean
    chosen = edited[edited["condition"].map(lambda text: Condition.parse(text).family == kind)]
    return chosen.assign(example=chosen["condition"] + "\0" + chosen["image"]), clean


def examples_of(run: Run, dataset: str, kind: str, experts: pd.DataFrame) -> Examples:
    """The examples of one kind, in the order of the experts' rows."""
    images = list(experts["image"])
    known = run.subjects(dataset, images)
    subjects = np.array(images, str) if known is None else np.where(known != "", known, np.array(images, str))
    return Examples(dataset, kind, images, subjects, experts["dice"].to_numpy(float))


def arrays(edited: pd.DataFrame, clean: pd.DataFrame, keys: list[str], images: list[str]) -> Answers:
    """The rows of `of_kind` as arrays in the order of the examples.

    Args:
        keys: of the n examples.
        images: that they are of.
    """
    by_key = edited.drop(columns="image").rename(columns={"example": "image"})
    names = list(dict.fromkeys(images))
    place = pd.Index(names).get_indexer(images)
    share = by_key["pred_area"] / (by_key["height"] * by_key["width"])
    own, true = ByImage(by_key.assign(covered=share), keys), ByImage(clean, names)
    rows = {column: own[column] for column in ("dice", "whole_dice", "own_dice", "empty", "covered")}
    return Answers(rows, {column: true[column][:, place] for column in ("dice", "empty")})
