"""Judges N masks under U readings of prompts: strict answers and graded scores for each axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics.consistency.frame.frame import SIZES, Frame
from metrics.consistency.judge.features import Features
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.ontology import Ontology

COVERED = 0.5  # a stated cell is occupied if at least this share of it is lesion, whatever the components


class Judgement(NamedTuple):
    """An axis' strict answers (0 or 1) and graded scores in [0, 1], both (N, U); nan where it is not stated."""

    ok: NDArray[np.float64]
    score: NDArray[np.float64]


@dataclass(frozen=True)
class Readings:
    """U distinct readings of prompts as arrays, with one row each."""

    low: NDArray[np.float64]  # fewest lesions stated, nan if none are
    high: NDArray[np.float64]  # most, inf if unbounded
    side: NDArray[np.int64]  # -1 none, 0 left, 1 right, 2 bilateral, 3 unilateral
    stated: NDArray[np.bool_]  # (U, cells)
    judged: NDArray[np.bool_]  # (U, cells); False: left open
    sizes: NDArray[np.bool_]  # (U, len(SIZES))
    absent: NDArray[np.bool_]

    @classmethod
    def of(cls, findings: Sequence[Findings], ontology: Ontology) -> Readings:
        """The readings of U findings, which are distinct for the caller's purpose."""
        none, sides = (np.nan, np.nan), ("left", "right", "bilateral", "unilateral")
        counts = [
            none if f.count is None else (f.count[0], np.inf if f.count[1] is None else f.count[1]) for f in findings
        ]
        low, high = np.array(counts, float).reshape(-1, 2).T
        side = np.array([-1 if f.laterality is None else sides.index(f.laterality) for f in findings], np.int64)
        stated = np.array([[c in f.regions for c in ontology.cells] for f in findings], bool)
        judged = np.array([[c not in f.open for c in ontology.cells] for f in findings], bool)
        shape = (len(findings), len(ontology.cells))
        absent = np.array([f.absent for f in findings], bool)
        sizes = np.array([[size in f.sizes for size in SIZES] for f in findings], bool).reshape(-1, len(SIZES))
        return cls(low, high, side, stated.reshape(shape), judged.reshape(shape), sizes, absent)

    def __len__(self) -> int:
        return len(self.low)


def judge(described: Features, readings: Readings, frame: Frame) -> dict[str, Judgement]:
    """Axis -> judgement (N, U) of every mask under every reading.

    "all" has the mean score over stated axes, and whether the strict answers of all of them are yes.
    """
    judged = {
        "count": judge_count(described, readings),
        "laterality": judge_laterality(described, readings, frame),
        "position": judge_position(described, readings, frame),
        "size": judge_size(described, readings, frame),
        "absent": judge_absent(described, readings, frame),
    }
    stated = np.sum([np.isfinite(j.score) for j in judged.values()], axis=0, dtype=float)
    total = np.sum([np.nan_to_num(j.score) for j in judged.values()], axis=0)
    all_ok = np.logical_and.reduce([np.nan_to_num(j.ok, nan=1.0) == 1 for j in judged.values()])
    judged["all"] = Judgement(
        np.where(stated > 0, all_ok, np.nan),
        np.divide(total, stated, out=np.full(stated.shape, np.nan), where=stated > 0),
    )
    return judged


def judge_count(described: Features, readings: Readings) -> Judgement:
    """Strict: as many components as stated. Graded: ratio of the smaller to the larger of the number and the nearest
    stated one."""
    n = described.count[:, None].astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        below, above = n < readings.low, n > readings.high
        score = np.where(below, n / readings.low, np.where(above, readings.high / n, 1.0))
    return where_stated(~below & ~above, score, ~np.isnan(readings.low))


def judge_laterality(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """Strict: each stated side has at least `side_share` of the lesion, and no other side does.

    Graded: 1 if that is so. It falls to 0 as the lesion spreads evenly over both sides if one is stated, or as it
    leaves one of them if both are stated.
    """
    if described.sides.shape[1] != 2:
        none = np.full((len(described), len(readings)), np.nan)
        return Judgement(none, none)
    left, right = described.sides.T
    least, most = frame.side_share, 0.5 - frame.side_share
    one = [np.clip((0.5 - other) / most, 0, 1) * (own >= least) for own, other in ((left, right), (right, left))]
    both = np.minimum(left, right)
    shared = np.clip(both / max(least, 1e-9), 0, 1) * (both > 0)
    graded = np.stack([*one, shared, np.maximum(*one)], axis=1)  # (N, 4) in the order of Readings.side
    score = np.where(described.count[:, None] > 0, graded, 0.0)[:, readings.side]
    return where_stated(score >= 1 - 1e-9, score, readings.side >= 0)


def judge_position(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """Whether the stated cells have lesion and the others have none; cells that the prompt leaves open are not judged.

    By the cuts. Strict: each stated cell is occupied to `inside` or half covered, every other at most to `outside`.
    Graded: cells both stated and occupied over those that are either. By experts. Graded: the geometric mean over cells
    of the probability that an expert, shown this mask, agrees with the prompt on the cell. Strict: each is above one
    half.
    """
    has_lesion = (described.count > 0)[:, None]
    stated, judged = readings.stated.astype(float), readings.judged.astype(float)
    places_stated = readings.stated.any(axis=1)
    if described.expert is not None:
        p = np.clip(described.expert, 1e-6, 1 - 1e-6)
        yes, no = stated * judged, (1 - stated) * judged
        mean = (np.log(p) @ yes.T + np.log1p(-p) @ no.T) / np.maximum(judged.sum(axis=1), 1)
        wrong = (p < 0.5).astype(float) @ yes.T + (p >= 0.5).astype(float) @ no.T
        return where_stated((wrong == 0) & has_lesion, np.where(has_lesion, np.exp(mean), 0.0), places_stated)
    occupied = np.clip(np.maximum(described.cells / max(frame.inside, 1e-9), described.covered / COVERED), 0, 1)
    over = np.clip((described.cells - frame.outside) / (1 - frame.outside), 0, 1)
    hits, beyond = occupied @ (stated * judged).T, over @ ((1 - stated) * judged).T
    score = hits / np.maximum(stated.sum(axis=1) + beyond, 1)
    return where_stated((score >= 1 - 1e-9) & has_lesion, np.where(has_lesion, score, 0.0), places_stated)


def judge_size(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """Strict: the mean lesion's share of the image is in the range of a stated size; nan if the frame has no ranges.

    Graded: ratio of the smaller to the larger of that share and the nearest end of the nearest stated range.
    """
    if not frame.sizes:
        none = np.full((len(described), len(readings)), np.nan)
        return Judgement(none, none)
    mean = (described.area / np.maximum(described.count, 1))[:, None]
    low, high = np.array([0.0, *frame.sizes]), np.array([*frame.sizes, 1.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(mean < low, mean / low, np.where(mean >= high, high / mean, 1.0))  # (N, sizes)
    score = np.where(readings.sizes[None], each[:, None, :], 0.0).max(axis=2) * (described.count > 0)[:, None]
    return where_stated(score >= 1 - 1e-9, score, readings.sizes.any(axis=1))


def judge_absent(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """Strict and graded: whether the mask is empty, see `Features.empty`."""
    empty = np.broadcast_to(described.empty(frame)[:, None], (len(described), len(readings)))
    return where_stated(empty, empty.astype(float), readings.absent)


def where_stated(ok: NDArray, score: NDArray, stated: Any) -> Judgement:
    """Answers and scores, nan if the prompt states nothing."""
    return Judgement(np.where(stated, ok.astype(float), np.nan), np.where(stated, score, np.nan))
