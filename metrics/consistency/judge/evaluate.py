"""Judges many masks under their own prompts and under all others: answers, scores and chance per image."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metrics import stats
from metrics.arrays import to_array
from metrics.consistency.axes import AXES, mean_of_known, summarise_axis
from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.judge.features import Features, features
from metrics.consistency.judge.judgement import Judgement, Readings, judge
from metrics.consistency.judge.mirrored import on_stated_side, seems_mirrored, wilson
from metrics.consistency.reader.coverage import coverage, warning_of
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.consistency.reader.parse import parse
from metrics.errors import InputError

MOST_PAIRS = 1 << 22  # of masks and readings judged at once


@dataclass(frozen=True)
class Evaluation:
    """Per-image verdicts.

    Args:
        rows: N rows in the given order. For each axis `AXIS_ok` (0 or 1), `AXIS_score` in [0, 1] and `AXIS_chance`,
            the mean score of the same mask under all other images' prompts that state the axis; then `consistent`
            (agrees on all stated axes), `score` (mean of the stated axes) and `chance`. nan if nothing is stated. Last
            `components`, the number of lesions, and `empty`, 1 if the mask has none (see `Features.empty`), else 0.
        findings: of each prompt.
    """

    rows: pd.DataFrame
    findings: tuple[Findings, ...]

    def summary(self) -> dict[str, Any]:
        """Coverage, strict share, score and chance per axis; accuracy with and without a target; the reader's coverage.

        `abstained` is the share of prompts that have text and state nothing; `reading` is the result of `coverage`.
        """
        by_axis = {name: summarise_axis(axis, self.rows) for name, axis in AXES.items()}
        out: dict[str, Any] = {"n": len(self.rows), "axes": by_axis}
        absent = np.array([f.absent for f in self.findings], bool)
        empty = self.rows["empty"].to_numpy(bool)
        out["no_target"] = {"n": int(absent.sum()), "accuracy": mean_of_known(empty[absent])}
        out["target"] = {"n": int((~absent).sum()), "accuracy": mean_of_known(~empty[~absent])}
        out["reading"] = coverage(self.findings)
        out["abstained"] = out["reading"]["abstained"]
        out["conflicts"] = int(sum(bool(f.conflicts) for f in self.findings))
        out["unread"] = int(sum(bool(f.unread) for f in self.findings))
        return out


def evaluate(
    masks: Sequence[ArrayLike] | NDArray,
    prompts: Sequence[str],
    ontology: str = "chest",
    frame: Frame | str = "thirds",
    images: Sequence[ArrayLike] | NDArray | None = None,
    workers: int | None = None,
    lungs: Sequence[ArrayLike] | None = None,
) -> Evaluation:
    """Consistency of N masks with their prompts, with exact chance.

    Chance is not sampled: prompts with the same reading are judged once and weighted by their number, without the
    image's own prompt. The mean chance of a predictor that ignores its input equals its mean score, unless the frame
    depends on the image, because then the same mask is at another place in each.

    Args:
        masks: (N, H, W) or a list of N masks (H, W), bool or 0/1.
        prompts: N texts.
        ontology: to read the prompts with, a name or a JSON file.
        frame: to locate cells with, a frame, its name or its JSON file.
        images: N images (H, W) or (H, W, 3), for a frame that depends on them (`qata-lungs`).
        workers: threads; the result does not depend on their number.
        lungs: N lung masks (H', W'), nonzero on the lungs, for a frame relative to them.

    Raises:
        InputError: unequal numbers, a mask that is not (H, W) or has other values, a prompt that is not text, an
            unknown ontology or frame, a frame of another grid, or missing images or lung masks.

    Warns:
        UserWarning: 8 or more prompts name one side, and significantly more than half of their lesions are on the
            other, so that the frame probably has the wrong convention. Or more than a fifth of 20 prompts or more
            state nothing.
    """
    if len(masks) != len(prompts):
        raise InputError(f"{len(masks)} masks and {len(prompts)} prompts; give one of each per image")
    frame = Frame.load(frame) if isinstance(frame, str) else frame
    loaded_ontology = load_ontology(ontology)
    frame = fit_grid(frame, loaded_ontology)
    findings = tuple(parse(text, ontology) for text in prompts)
    described = features(masks, frame, workers, frame.extents(len(masks), images, lungs))
    rows = judge_rows(described, findings, loaded_ontology, frame)
    warn_if_mirrored(described, findings, frame)
    silent = warning_of(findings, ontology)
    if silent:
        warnings.warn(silent, stacklevel=2)
    return Evaluation(rows, findings)


def judge_rows(described: Features, findings: tuple[Findings, ...], ontology: Ontology, frame: Frame) -> pd.DataFrame:
    """The columns of `Evaluation.rows`."""
    readings, own, reading_counts = distinct_readings(findings, ontology)
    step = max(1, MOST_PAIRS // max(1, len(readings)))
    parts = []
    for start in range(0, len(own), step):
        chunk = slice(start, start + step)
        judged = judge(described[chunk], readings, frame)
        columns: dict[str, Any] = {}
        for axis in AXES.values():
            columns |= zip(axis.columns, under_own_prompts(judged[axis.name], own[chunk], reading_counts), strict=True)
        parts.append(pd.DataFrame(columns))
    rows = (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=[name for axis in AXES.values() for name in axis.columns])
    )
    return rows.assign(components=described.count, empty=described.empty(frame).astype(int))


def distinct_readings(
    findings: Sequence[Findings], ontology: Ontology
) -> tuple[Readings, NDArray[np.int64], NDArray[np.float64]]:
    """The U distinct readings, the index of each image's reading (N,), and how often each occurs (U,)."""
    kinds: dict[tuple, int] = {}
    own = np.array([kinds.setdefault(f.reading, len(kinds)) for f in findings], np.int64)
    first = {kind: f for f, kind in reversed(list(zip(findings, own.tolist(), strict=True)))}
    reading_counts = np.bincount(own, minlength=len(kinds)).astype(float)
    return Readings.of([first[k] for k in range(len(kinds))], ontology), own, reading_counts


def under_own_prompts(
    judged: Judgement, own: NDArray[np.int64], reading_counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Answer and score of each mask (n,) under its own prompt, and its mean score under all other images' prompts."""
    masks = np.arange(len(own))
    ok, score = judged.ok[masks, own], judged.score[masks, own]
    stated = np.isfinite(judged.score[:1]).ravel()  # the same for every mask
    total = np.nan_to_num(judged.score) @ reading_counts - np.nan_to_num(score)
    others = reading_counts[stated].sum() - 1
    chance = total / others if others > 0 else np.full(len(own), np.nan)
    return ok, score, np.where(np.isfinite(score), np.clip(chance, 0, 1), np.nan)


def warn_if_mirrored(described: Features, findings: Sequence[Findings], frame: Frame) -> None:
    """Warn if the masks contradict one-sided prompts, so that the frame's convention may be wrong."""
    agree, n = on_stated_side(described, findings)
    if not seems_mirrored(agree, n):
        return
    low, high = wilson(agree, n)
    opposite = "patient" if frame.convention == "image" else "image"
    warnings.warn(
        f"frame {frame.name}: prompts of one side have most of the lesion on that side in {agree} of {n} images "
        f"({agree / n:.0%}, 95 % interval {low:.0%} to {high:.0%}); its convention is "
        f"{frame.convention!r}, but these texts may need {opposite!r}: calibrate a frame on your training split "
        "(c2seg-bench calibrate), which chooses the convention",
        stacklevel=3,
    )


def corrected(score: float, chance: float, ceiling: float, experts_chance: float) -> float:
    """(score - chance) / (ceiling - experts' chance): 0 at chance, 1 if as far above chance as the experts' masks.

    nan if the experts do no better than chance, or one of the four is nan.
    """
    return float(stats.corrected(np.array([score, chance, ceiling, experts_chance])))


def constant_masks(masks: NDArray) -> dict[str, NDArray[np.uint8]]:
    """Masks of predictors that ignore their input.

    Args:
        masks: (N, H, W) of the training split, nonzero on lesions; at least one.

    Returns:
        `empty`, `full`, and `mean mask`: the pixels that are lesion most often, as many as the average lesion has, and
        those that are lesion as often as the last of them. (H, W) uint8 of 0 and 1.

    Raises:
        InputError: there is no mask, or they are not (N, H, W).
    """
    lesions = to_array(masks) != 0
    if lesions.ndim != 3 or not lesions.size:
        raise InputError(f"masks have shape {lesions.shape}; give (N, H, W), one or more")
    frequency = lesions.mean(axis=0)
    area = round(float(frequency.sum()))
    threshold = np.sort(frequency.ravel())[::-1][max(0, min(area, frequency.size) - 1)]
    mean = ((frequency >= threshold) & (frequency > 0)).astype(np.uint8)
    return {"empty": np.zeros_like(mean), "full": np.ones_like(mean), "mean mask": mean}
