"""Checks one mask against its prompt: an answer, a score and a reason for each axis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from metrics.consistency.frame.frame import SIZES, Frame
from metrics.consistency.judge.features import Features, features
from metrics.consistency.judge.judgement import Readings, judge
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.errors import InputError

EVEN = "thirds"  # the frame of even cuts
NO_LESION = "no lesion found"


@dataclass(frozen=True)
class Answer:
    """One axis: whether the mask agrees, its score in [0, 1], and the reason."""

    ok: bool
    score: float
    reason: str


@dataclass(frozen=True)
class Verdict:
    """The result of a check. An axis that the prompt does not state is None.

    Args:
        count, laterality, position, size, absent: the axes.
        consistent: whether the mask agrees on all stated axes; None if the prompt states nothing.
        score: mean of the stated axes' scores; None if the prompt states nothing.
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
    """Compare a mask with the findings of its prompt.

    Args:
        mask: (H, W), bool or 0/1.
        findings: from `parse`.
        frame: with the grid of the findings' ontology.
        image, lungs: the image (H, W) or (H, W, 3), or a mask of its lungs (H, W), for a frame that needs one of them.

    Raises:
        InputError: the mask is not (H, W) or has other values; the frame's grid is not the ontology's; the frame needs
            an image or a lung mask.
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
    """The frame; `thirds` is adapted to the ontology's number of rows and columns.

    Raises:
        InputError: the frame's cuts do not make the ontology's grid.
    """
    if frame.name == EVEN and all(cuts == even(len(cuts) + 1) for cuts in (frame.rows, frame.columns)):
        frame = replace(frame, rows=even(len(ontology.rows)), columns=even(len(ontology.columns)))
    grid, expected = (len(frame.rows) + 1, len(frame.columns) + 1), (len(ontology.rows), len(ontology.columns))
    if grid != expected:
        raise InputError(
            f"frame {frame.name}: {grid[0]} rows by {grid[1]} columns, but ontology {ontology.name} has "
            f"{expected[0]} by {expected[1]}; take another frame (--frame), or calibrate one"
        )
    return frame


def even(n: int) -> tuple[float, ...]:
    """The cuts of n even parts."""
    return tuple(k / n for k in range(1, n))


def explain(described: Features, findings: Findings, frame: Frame, ontology: Ontology) -> dict[str, str]:
    """The reason for each axis."""
    n = int(described.count[0])
    specks = f"specks on {described.specks[0]:.0%} of the image found"
    low, high = findings.count or (0, None)
    stated = f"{low}" if high == low else f"{low} or more" if high is None else f"{low} to {high}"
    affected = [
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
    sides = f"lesion {' and '.join(affected) or 'on no side'}"
    places = f"lesion in {', '.join(sorted(cells)) or 'no cell'}"
    return {
        "count": f"{stated} stated, {n} found",
        "laterality": f"{findings.laterality} stated, {sides if n else NO_LESION}",
        "position": f"{', '.join(findings.regions)} stated, {places if n else NO_LESION}",
        "size": f"{' or '.join(findings.sizes)} stated, {mean_size(described, frame)} found",
        "absent": "nothing to segment stated, " + (f"{n} found" if n or described.empty(frame)[0] else specks),
    }


def mean_size(described: Features, frame: Frame) -> str:
    """The size of the mean lesion, such as "small"."""
    if not frame.sizes or not described.count[0]:
        return "none"
    return SIZES[int(np.searchsorted(frame.sizes, described.area[0] / described.count[0], side="right"))]
