"""A frame from masks and prompts: minimum area, midline, cuts, tolerances, and how experts name cells."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency import experts
from metrics.consistency._label import components
from metrics.consistency.check import Judgement, Readings, judge
from metrics.consistency.evaluate import distinct, of_own
from metrics.consistency.features import BINS, Features, beyond_half, binary
from metrics.consistency.findings import Findings
from metrics.consistency.frame import Frame
from metrics.consistency.ontology import Ontology, load_ontology
from metrics.consistency.parse import parse
from metrics.errors import InputError

FINE = 56  # bands of height and of width that cuts are searched on
SIZE_CUTS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.09, 0.12, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
LEAST = 20  # images
LEAST_EXPERTS = 200
AREAS = (0.00005, 0.0001, 0.0002, 0.0003, 0.0005, 0.0008, 0.0012, 0.002)
SHARES = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08)
INSIDE = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
OUTSIDE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def calibrate(
    masks: Sequence[ArrayLike] | NDArray,
    prompts: Sequence[str],
    ontology: str = "chest",
    name: str = "calibrated",
    convention: str | None = None,
) -> Frame:
    """The frame under which masks and prompts of a training split agree best.

    One thing after the other: the minimum area by the stated counts, the convention and the midline by the one-sided
    prompts, the cuts and tolerances by the stated cells (coordinate descent), the ranges of sizes, and, for lungs with
    200 images or more, how likely experts name each cell. What counts is how far the strict share of a mask with its
    own prompt lies above that with other images' prompts: agreement alone would choose tolerances that let everything
    pass. Deterministic.

    Args:
        masks: N masks (H, W), bool or 0/1, of any shapes.
        prompts: N texts.
        ontology: how they are read.
        name: of the frame.
        convention: "image" or "patient"; None: whichever agrees with more prompts.

    Raises:
        InputError: unequal numbers; fewer than 20 images whose prompts state a place.
    """
    if len(masks) != len(prompts):
        raise InputError(f"{len(masks)} masks and {len(prompts)} prompts; give one of each per image")
    known = load_ontology(ontology)
    findings = [parse(text, ontology) for text in prompts]
    placed = sum(bool(f.regions) for f in findings)
    if placed < LEAST:
        raise InputError(f"{placed} prompts state a place that can be read; calibrating takes {LEAST} or more")
    search = Search([binary(m, f"mask {i}") for i, m in enumerate(masks)], findings, known)
    frame = search.start(name)
    frame = search.best([replace(frame, min_area=a) for a in AREAS], "count")
    if known.laterality:
        sides = (convention,) if convention else ("image", "patient")
        frame = search.best([replace(frame, convention=c) for c in sides], "laterality")
        cuts = [replace(frame, columns=(k / FINE,), side_share=s) for k in range(24, 33) for s in SHARES]
        frame = search.best(cuts, "laterality")
    for _ in range(3):
        before = frame
        frame = search.cuts(frame)
        frame = search.best([replace(frame, inside=i, outside=o) for i in INSIDE for o in OUTSIDE], "position")
        if frame == before:
            break
    if search.kinds.sizes.any():
        ranges = [(a, b) for a in SIZE_CUTS for b in SIZE_CUTS if a < b]
        frame = search.best([replace(frame, sizes=pair) for pair in ranges], "size")
    if known.laterality and placed >= LEAST_EXPERTS:
        frame = replace(frame, experts=search.experts(frame))
    return replace(frame, about=search.about(prompts))


class Search:
    """Masks reduced to a fine grid once, so that a frame can be tried in milliseconds."""

    def __init__(self, masks: list[NDArray[np.uint8]], findings: list[Findings], ontology: Ontology):
        self.findings, self.ontology = findings, ontology
        self.readings = Readings.of(findings, ontology)
        self.kinds, self.own, self.often = distinct(findings, ontology)
        self.digest = hashlib.sha256()
        parts, owner = [], []
        for i, mask in enumerate(masks):
            self.digest.update(repr(mask.shape).encode() + np.packbits(mask).tobytes())
            height, width = mask.shape
            found = components(mask, np.arange(height) * FINE // height, np.arange(width) * FINE // width, FINE, FINE)
            parts.append(found / mask.size)
            owner += [i] * len(found)
        self.n = len(masks)
        self.owner = np.array(owner, np.int64)
        self.fine = np.concatenate(parts) if parts else np.zeros((0, FINE, FINE))  # share of the picture
        self.sizes = self.fine.sum(axis=(1, 2))

    def start(self, name: str) -> Frame:
        """Even cuts on the fine grid."""
        cuts = [
            tuple(round(FINE * k / n) / FINE for k in range(1, n))
            for n in (len(self.ontology.rows), len(self.ontology.columns))
        ]
        return Frame(name, rows=cuts[0], columns=cuts[1])

    def features(self, frame: Frame) -> Features:
        """As `features.features`, from the fine grid; cuts are multiples of 1 / FINE."""
        keep = self.sizes >= frame.min_area
        fine, owner, sizes = self.fine[keep], self.owner[keep], self.sizes[keep]
        edges = [np.round(np.array([0, *cuts]) * FINE).astype(int) for cuts in (frame.rows, frame.columns)]
        cells = np.add.reduceat(np.add.reduceat(fine, edges[0], axis=1), edges[1], axis=2)  # (K, R, C)
        if frame.convention == "patient":
            cells = cells[:, :, ::-1]
        flat = cells.transpose(0, 2, 1).reshape(len(cells), -1)
        held, covered = np.zeros((self.n, flat.shape[1])), np.zeros((self.n, flat.shape[1]))
        np.maximum.at(held, owner, flat / sizes[:, None])
        np.add.at(covered, owner, flat)
        heights, widths = (np.diff([*edge, FINE]) / FINE for edge in edges)
        widths = widths[::-1] if frame.convention == "patient" else widths
        held = np.maximum(held, beyond_half(covered, np.outer(widths, heights).ravel()))  # as in features.held
        sides, area = np.zeros((self.n, cells.shape[2])), np.zeros(self.n)
        np.add.at(sides, owner, cells.sum(axis=1))
        np.add.at(area, owner, sizes)
        count = np.bincount(owner, minlength=self.n)
        return Features(count, area, sides / np.maximum(area, 1e-12)[:, None], held, None)

    def merit(self, frame: Frame, axis: str) -> tuple[float, float]:
        """How far truth and other images' prompts lie apart, in strict share and in mean score."""
        judged = judge(self.features(frame), self.kinds, frame)[axis]
        apart = []
        for values in judged:
            truth, _, other = of_own(Judgement(values, values), self.own, self.often)
            apart.append(float(np.nanmean(truth) - np.nanmean(other)))
        return apart[0], apart[1]

    def best(self, frames: list[Frame], axis: str) -> Frame:
        """The frame of the largest merit; of equals the first, as where no prompt states the axis."""
        stated = {
            "count": ~np.isnan(self.kinds.low),
            "laterality": self.kinds.side >= 0,
            "position": self.kinds.stated.any(axis=1),
            "size": self.kinds.sizes.any(axis=1),
        }[axis]
        return max(frames, key=lambda f: self.merit(f, axis)) if stated.any() else frames[0]

    def cuts(self, frame: Frame) -> Frame:
        """Each cut moved where the stated cells agree best, the others held; a midline stays."""
        for what in ("rows", "columns"):
            if what == "columns" and self.ontology.laterality:
                continue
            for k in range(len(getattr(frame, what))):
                tried = []
                for at in range(4, FINE - 3):
                    cuts = list(getattr(frame, what))
                    cuts[k] = at / FINE
                    if cuts == sorted(set(cuts)):
                        tried.append(
                            replace(frame, rows=tuple(cuts)) if what == "rows" else replace(frame, columns=tuple(cuts))
                        )
                frame = self.best(tried, "position")
        return frame

    def experts(self, frame: Frame) -> experts.Experts:
        """The regressions, on the prompts that state all cells."""
        keep = self.sizes >= frame.min_area
        columns = np.round(np.array([0, *frame.columns]) * FINE).astype(int)
        profile = np.zeros((self.n, FINE, len(columns)))
        np.add.at(profile, self.owner[keep], np.add.reduceat(self.fine[keep], columns, axis=2))
        if frame.convention == "patient":
            profile = profile[:, :, ::-1]
        profile = profile.reshape(self.n, BINS, FINE // BINS, len(columns)).sum(axis=2) * BINS
        usable = self.readings.stated.any(axis=1) & self.readings.judged.all(axis=1)
        usable &= np.array([not f.conflicts for f in self.findings])
        return experts.fit(profile.transpose(0, 2, 1)[usable], self.readings.stated[usable])

    def about(self, prompts: Sequence[str]) -> dict[str, Any]:
        """Where the frame came from."""
        words = hashlib.sha256("\n".join(prompts).encode()).hexdigest()
        return {
            "masks": self.n,
            "ontology": self.ontology.name,
            "masks_sha256": self.digest.hexdigest(),
            "prompts_sha256": words,
        }
