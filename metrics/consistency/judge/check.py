"""Does a mask agree with what its prompt states? Strict answers, graded scores and a reason in words, axis by axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency.frame.frame import SIZES, Frame
from metrics.consistency.judge.features import Features, features
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.errors import InputError

AXES = ("count", "laterality", "position", "size", "absent")
COVERED = 0.5  # share of a stated cell that is lesion, from which on the cell is occupied whatever its components
EVEN = "thirds"  # the frame of even cuts


class Judgement(NamedTuple):
    """Strict answers and graded scores (N, U) of an axis, nan where the prompt states nothing on it."""

    ok: NDArray[np.float64]
    score: NDArray[np.float64]


@dataclass(frozen=True)
class Readings:
    """U distinct readings as arrays, ready to be compared with any number of masks."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    side: NDArray[np.int64]  # -1 none, 0 left, 1 right, 2 bilateral, 3 unilateral
    stated: NDArray[np.bool_]  # (U, cells)
    judged: NDArray[np.bool_]  # (U, cells); False: left open
    sizes: NDArray[np.bool_]  # (U, len(SIZES))
    absent: NDArray[np.bool_]

    @classmethod
    def of(cls, findings: Sequence[Findings], ontology: Ontology) -> Readings:
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
    """Every mask against every reading: axis -> (N, U). "all" is the mean of what is stated, and whether all holds."""
    out = {
        "count": judge_count(described, readings),
        "laterality": judge_laterality(described, readings, frame),
        "position": judge_position(described, readings, frame),
        "size": judge_size(described, readings, frame),
        "absent": judge_absent(described, readings, frame),
    }
    stated = np.sum([np.isfinite(j.score) for j in out.values()], axis=0, dtype=float)
    total = np.sum([np.nan_to_num(j.score) for j in out.values()], axis=0)
    held = np.logical_and.reduce([np.nan_to_num(j.ok, nan=1.0) == 1 for j in out.values()])
    out["all"] = Judgement(
        np.where(stated > 0, held, np.nan),
        np.divide(total, stated, out=np.full(stated.shape, np.nan), where=stated > 0),
    )
    return out


def judge_count(described: Features, readings: Readings) -> Judgement:
    """Strict: as many components as stated. Graded: the smaller over the larger number, to the nearest one stated."""
    n = described.count[:, None].astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        below, above = n < readings.low, n > readings.high
        score = np.where(below, n / readings.low, np.where(above, readings.high / n, 1.0))
    return keep(~below & ~above, score, ~np.isnan(readings.low))


def judge_laterality(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """Strict: the stated sides hold `side_share` of the lesion or more each, and no other side does.

    Graded: 1 where that holds; on its way to 0 as the lesion is shared evenly by the two sides where one is stated, or
    as it leaves one of the two where both are.
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
    return keep(score >= 1 - 1e-9, score, readings.side >= 0)


def judge_position(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """Stated cells have lesion and the others have none; cells that the prompt leaves open are not judged.

    By the cuts: a stated cell must be occupied to `inside` or half covered, another occupied to `outside` at most;
    graded, the cells that are both stated and occupied over those that are either. By experts: the geometric mean over
    cells of the probability that an expert, shown this mask, says of the cell what the prompt says; strict, each above
    one half.
    """
    there = (described.count > 0)[:, None]
    stated, judged = readings.stated.astype(float), readings.judged.astype(float)
    places_stated = readings.stated.any(axis=1)
    if described.expert is not None:
        p = np.clip(described.expert, 1e-6, 1 - 1e-6)
        yes, no = stated * judged, (1 - stated) * judged
        mean = (np.log(p) @ yes.T + np.log1p(-p) @ no.T) / np.maximum(judged.sum(axis=1), 1)
        wrong = (p < 0.5).astype(float) @ yes.T + (p >= 0.5).astype(float) @ no.T
        return keep((wrong == 0) & there, np.where(there, np.exp(mean), 0.0), places_stated)
    held = np.clip(np.maximum(described.cells / max(frame.inside, 1e-9), described.covered / COVERED), 0, 1)
    over = np.clip((described.cells - frame.outside) / (1 - frame.outside), 0, 1)
    hits, beyond = held @ (stated * judged).T, over @ ((1 - stated) * judged).T
    score = hits / np.maximum(stated.sum(axis=1) + beyond, 1)
    return keep((score >= 1 - 1e-9) & there, np.where(there, score, 0.0), places_stated)


def judge_size(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """The mean lesion's share of the picture lies in the range of a stated size; nan where the frame has no ranges.

    Graded: the smaller over the larger of that share and the nearest end of the nearest stated range.
    """
    if not frame.sizes:
        none = np.full((len(described), len(readings)), np.nan)
        return Judgement(none, none)
    mean = (described.area / np.maximum(described.count, 1))[:, None]
    low, high = np.array([0.0, *frame.sizes]), np.array([*frame.sizes, 1.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(mean < low, mean / low, np.where(mean >= high, high / mean, 1.0))  # (N, sizes)
    score = np.where(readings.sizes[None], each[:, None, :], 0.0).max(axis=2) * (described.count > 0)[:, None]
    return keep(score >= 1 - 1e-9, score, readings.sizes.any(axis=1))


def judge_absent(described: Features, readings: Readings, frame: Frame) -> Judgement:
    """Nothing above the minimum area, and no more specks than a few such areas, where that is what the prompt says."""
    empty = np.broadcast_to(described.empty(frame)[:, None], (len(described), len(readings)))
    return keep(empty, empty.astype(float), readings.absent)


def keep(ok: NDArray, score: NDArray, stated: Any) -> Judgement:
    """nan where nothing is stated."""
    return Judgement(np.where(stated, ok.astype(float), np.nan), np.where(stated, score, np.nan))


@dataclass(frozen=True)
class Answer:
    """One axis: whether it holds, its score in [0, 1], and why."""

    ok: bool
    score: float
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What a check says. An axis that the prompt does not state is None.

    Args:
        count, laterality, position, size, absent: the axes.
        consistent: whether all that is stated holds; None where nothing is.
        score: mean of the stated axes' scores; None where nothing is stated.
    """

    count: Answer | None
    laterality: Answer | None
    position: Answer | None
    size: Answer | None
    absent: Answer | None
    consistent: bool | None
    score: float | None


def check(
    mask: ArrayLike, findings: Findings, frame: Frame, image: ArrayLike | None = None, lungs: ArrayLike | None = None
) -> Verdict:
    """Compare one mask (H, W), bool or 0/1, with the findings of its prompt.

    Args:
        image, lungs: its picture (H, W) or (H, W, 3), or a mask of the lungs, for a frame that needs one of them.

    Raises:
        InputError: the mask is not (H, W) or holds other values; the frame's grid is not the ontology's; it needs
            a picture or a lung mask.
    """
    ontology = load_ontology(findings.ontology)
    frame = fit_grid(frame, ontology)
    extents = frame.extents(1, None if image is None else [image], None if lungs is None else [lungs])
    described = features([mask], frame, workers=1, extents=extents)
    judged = judge(described, Readings.of([findings], ontology), frame)
    reasons = explain(described, findings, frame, ontology)

    def answer(axis: str) -> Answer | None:
        ok, score = judged[axis].ok[0, 0], judged[axis].score[0, 0]
        return None if np.isnan(score) else Answer(bool(ok), float(score), reasons[axis])

    ok, score = judged["all"].ok[0, 0], judged["all"].score[0, 0]
    nothing = bool(np.isnan(score))
    return Verdict(
        count=answer("count"),
        laterality=answer("laterality"),
        position=answer("position"),
        size=answer("size"),
        absent=answer("absent"),
        consistent=None if nothing else bool(ok),
        score=None if nothing else float(score),
    )


def fit_grid(frame: Frame, ontology: Ontology) -> Frame:
    """The frame, with the ontology's number of even columns where it is `thirds`, which any grid can have.

    Raises:
        InputError: the frame's cuts do not make the ontology's grid.
    """
    if frame.name == EVEN and frame.columns == even(len(frame.columns) + 1):
        frame = replace(frame, columns=even(len(ontology.columns)))
    grid, wanted = (len(frame.rows) + 1, len(frame.columns) + 1), (len(ontology.rows), len(ontology.columns))
    if grid != wanted:
        raise InputError(
            f"frame {frame.name}: {grid[0]} rows by {grid[1]} columns, but ontology {ontology.name} has "
            f"{wanted[0]} by {wanted[1]}; take another frame (--frame), or calibrate one"
        )
    return frame


def even(n: int) -> tuple[float, ...]:
    """The cuts of n even parts."""
    return tuple(k / n for k in range(1, n))


def explain(described: Features, findings: Findings, frame: Frame, ontology: Ontology) -> dict[str, str]:
    """Why, in words, axis by axis."""
    n = int(described.count[0])
    specks = f"specks that cover {described.specks[0]:.0%} of the picture found"
    low, high = findings.count or (0, None)
    wanted = f"{low}" if high == low else f"{low} or more" if high is None else f"{low} to {high}"
    held = [
        side
        for side, share in zip(ontology.columns, described.sides[0], strict=True)
        if share >= frame.side_share and n
    ]
    if described.expert is not None:
        cells = [c for c, p in zip(ontology.cells, described.expert[0], strict=True) if p >= 0.5 and n]
    else:
        cells = [c for c, share in zip(ontology.cells, described.cells[0], strict=True) if share > frame.outside and n]
        cells += [
            c
            for c in findings.regions
            if c not in cells and described.cells[0][ontology.cells.index(c)] >= frame.inside
        ]
    return {
        "count": f"{wanted} stated, {n} found",
        "laterality": f"{findings.laterality} stated, lesion {' and '.join(held) or 'nowhere'}",
        "position": f"{', '.join(findings.regions)} stated, lesion in {', '.join(sorted(cells)) or 'no cell'}",
        "size": f"{' or '.join(findings.sizes)} stated, {mean_size(described, frame)} found",
        "absent": "nothing to segment stated, " + (f"{n} found" if n or described.empty(frame)[0] else specks),
    }


def mean_size(described: Features, frame: Frame) -> str:
    """The size of the mean lesion in words."""
    if not frame.sizes or not described.count[0]:
        return "none"
    return SIZES[int(np.searchsorted(frame.sizes, described.area[0] / described.count[0], side="right"))]
