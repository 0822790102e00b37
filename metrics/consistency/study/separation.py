"""How well position scores distinguish a real mask's own prompt from other images' prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.judge.evaluate import constant_masks, distinct_readings, evaluate, under_own_prompts
from metrics.consistency.judge.features import Features, features
from metrics.consistency.judge.judgement import Judgement, Readings, judge
from metrics.consistency.reader.ontology import load_ontology
from metrics.consistency.reader.parse import parse


def separation(
    masks: Sequence[ArrayLike],
    prompts: Sequence[str],
    ontology: str,
    frame: Frame,
    images: Sequence[ArrayLike] | None = None,
) -> dict[str, Any]:
    """Consistency of real masks and prompts in a frame, and the separation by position scores.

    Args:
        masks: N masks (H, W) of experts, bool or 0/1.
        prompts: their N prompts.
        ontology: to read the prompts with.
        frame: to judge the masks in.
        images: N images (H, W) or (H, W, 3), for a frame that depends on them.

    Returns:
        The items of `Evaluation.summary`; `frame` and `ontology`, their names; `auc`, see `auc_of`; and `tried`, rows
        of `score_row` for all position scores that were tried in this frame.
    """
    summary = evaluate(masks, prompts, ontology, frame, images).summary()
    loaded_ontology = load_ontology(ontology)
    frame = fit_grid(frame, loaded_ontology)
    distinct_prompts = distinct_readings(tuple(parse(p, ontology) for p in prompts), loaded_ontology)
    extents = frame.extents(len(masks), images)
    described = features(masks, frame, extents=extents)
    own = auc_of(judge(described, distinct_prompts[0], frame)["position"].score, *distinct_prompts)
    return {
        **summary,
        "auc": own,
        "frame": frame.name,
        "ontology": ontology,
        "tried": tried_scores(described, distinct_prompts, frame),
    }


def tried_scores(
    described: Features, distinct_prompts: tuple[Readings, NDArray[np.int64], NDArray[np.float64]], frame: Frame
) -> list[dict[str, Any]]:
    """A row for each position score of the same masks: by the cuts and, if the frame has `experts`, by their model."""
    readings = distinct_prompts[0]
    rows = [score_row("by cuts", judge(replace(described, expert=None), readings, frame)["position"], distinct_prompts)]
    if described.expert is None:
        return rows
    judged = judge(described, readings, frame)["position"]
    p = np.clip(described.expert, 1e-6, 1 - 1e-6)
    has_lesion = (described.count > 0)[:, None]
    yes, no = (np.where(readings.judged & named, 1.0, 0.0).T for named in (readings.stated, ~readings.stated))
    logs, cells = np.log(p) @ yes + np.log1p(-p) @ no, readings.judged.sum(axis=1)
    likeliest = np.log(np.maximum(p, 1 - p)) @ readings.judged.T.astype(float)
    score_by_name = {
        "experts: geometric mean over cells (the score)": judged.score,
        "experts: arithmetic mean over cells": (p @ yes + (1 - p) @ no) / np.maximum(cells, 1),
        "experts: product over cells": np.exp(logs),
        "experts: product, over that of the likeliest cells": np.exp(logs - likeliest),
    }
    for name, score in score_by_name.items():
        values = np.where(np.isfinite(judged.score), np.where(has_lesion, score, 0.0), np.nan)
        rows.append(score_row(name, Judgement(judged.ok, values), distinct_prompts))
    return rows


def score_row(
    name: str, judged: Judgement, distinct_prompts: tuple[Readings, NDArray[np.int64], NDArray[np.float64]]
) -> dict[str, Any]:
    """One row: `how`, `strict` share, mean `score` under the own prompt and under all others' (`chance`), and `auc`."""
    ok, score, chance = under_own_prompts(judged, *distinct_prompts[1:])
    means = {k: float(np.nanmean(v)) for k, v in (("strict", ok), ("score", score), ("chance", chance))}
    return {"how": name, **means, "auc": auc_of(judged.score, *distinct_prompts)}


def auc_of(score: NDArray, readings: Readings, own: NDArray[np.int64], reading_counts: NDArray[np.float64]) -> float:
    """How often a mask scores higher under its own prompt than under another image's prompt that names other cells.

    Exact over all pairs; ties count half.

    Args:
        score: (N, U) of each mask under each distinct prompt.
        readings, own, reading_counts: as from `distinct_readings`.
    """
    placed = np.asarray(readings.stated.any(axis=1))
    truth = score[np.arange(len(own)), own][placed[own]]
    differs = np.array([(readings.stated != readings.stated[k]).any(axis=1) for k in own])
    other = differs & placed & placed[own][:, None]
    return auc(truth, score[other], np.broadcast_to(reading_counts, score.shape)[other])


def score_less_chance_of_constants(
    masks: Sequence[NDArray], prompts: Sequence[str], ontology: str, frame: Frame, images: Sequence[ArrayLike] | None
) -> dict[str, float]:
    """Mean score less mean chance, over all axes, of `constant_masks`; empty unless all masks have the same shape.

    It is 0 in a frame of fixed rows. In a frame that depends on the image it is only near 0, because the same mask is
    at another place in each image's lungs.
    """
    if len({m.shape for m in masks}) != 1:
        return {}
    out = {}
    for name, mask in constant_masks(np.array(masks)).items():
        rows = evaluate([mask] * len(prompts), prompts, ontology, frame, images).rows
        out[name] = float(rows["score"].mean() - rows["chance"].mean())
    return out


def auc(truth: NDArray, other: NDArray, weights: NDArray) -> float:
    """Area under the ROC curve: positive scores `truth`, negatives `other` with `weights`; nan if one is empty."""
    if not len(truth) or not len(other):
        return float("nan")
    order = np.argsort(other, kind="stable")
    ranked, total = other[order], np.concatenate([[0.0], np.cumsum(weights[order])])
    below, upto = (total[np.searchsorted(ranked, truth, side)] for side in ("left", "right"))
    return float(((below + upto) / 2 / total[-1]).mean())
