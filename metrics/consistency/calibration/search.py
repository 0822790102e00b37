"""Tries frames on masks reduced to a fine grid, in bands of the image or of the lungs: milliseconds per frame."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.consistency.frame import experts
from metrics.consistency.frame.extents import Extents
from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge import warp
from metrics.consistency.judge.components import components
from metrics.consistency.judge.evaluate import distinct_readings, under_own_prompts
from metrics.consistency.judge.features import BINS, Features, sides_of
from metrics.consistency.judge.judgement import Judgement, Readings, judge
from metrics.consistency.judge.occupancy import covered_beyond_half, occupied
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.ontology import Ontology
from metrics.errors import InputError

FINE = 56  # bands of the height and of the width; cuts are between bands


class Search:
    """Tries frames on N masks (H, W) of 0 and 1; their components are reduced to a fine grid once.

    Raises:
        InputError: all masks are empty.
    """

    def __init__(self, masks: list[NDArray[np.uint8]], findings: list[Findings], ontology: Ontology):
        self.findings, self.ontology = findings, ontology
        self.readings = Readings.of(findings, ontology)
        self.distinct, self.own_reading, self.reading_counts = distinct_readings(findings, ontology)
        self.digest = hashlib.sha256()
        parts, owner = [], []  # owner: the mask of each component
        for i, mask in enumerate(masks):
            self.digest.update(repr(mask.shape).encode() + np.packbits(mask).tobytes())
            height, width = mask.shape
            pixels = components(mask, np.arange(height) * FINE // height, np.arange(width) * FINE // width, FINE, FINE)
            parts.append(pixels / mask.size)
            owner += [i] * len(pixels)
        self.n = len(masks)
        self.owner = np.array(owner, np.int64)
        self.fine = np.concatenate(parts) if parts else np.zeros((0, FINE, FINE))  # share of the image
        self.sizes = self.fine.sum(axis=(1, 2))
        if not len(parts) or not self.sizes.any():
            raise InputError("no mask has a lesion; give the experts' masks, 0/1 or 0/255")

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
        cells, spans = self.cells(frame, fine)
        flat = cells.transpose(0, 2, 1).reshape(len(cells), cells.shape[1] * cells.shape[2])
        occupancy, covered = np.zeros((self.n, flat.shape[1])), np.zeros((self.n, flat.shape[1]))
        np.maximum.at(occupancy, owner, occupied(flat / sizes[:, None]))
        np.add.at(covered, owner, flat)
        covered /= np.maximum(spans, 1e-12)
        occupancy = np.maximum(occupancy, covered_beyond_half(covered))  # as in features.describe
        sides, area = np.zeros((self.n, cells.shape[2])), np.zeros(self.n)
        np.add.at(sides, owner, cells.sum(axis=1))
        np.add.at(area, owner, sizes)
        count = np.bincount(owner, minlength=self.n)
        specks = np.bincount(self.owner[~keep], self.sizes[~keep], self.n).astype(float)
        return Features(count, area, specks, sides / np.maximum(area, 1e-12)[:, None], occupancy, covered, None)

    def cells(self, frame: Frame, fine: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(K, R, C) share of the image: each component's in each cell; and (N or 1, C * R) that of the cell."""
        edges = [np.round(np.array([0, *cuts]) * FINE).astype(int) for cuts in (frame.rows, frame.columns)]
        cells = np.add.reduceat(np.add.reduceat(fine, edges[0], axis=1), edges[1], axis=2)
        heights, widths = (np.diff([*edge, FINE]) / FINE for edge in edges)
        if frame.convention == "patient":
            cells, widths = cells[:, :, ::-1], widths[::-1]
        return cells, np.outer(widths, heights).reshape(1, -1)

    def merit(self, frame: Frame, axis: str) -> tuple[float, float]:
        """Strict share and mean score of masks under their own prompts, each less that under other images' prompts."""
        judged = judge(self.features(frame), self.distinct, frame)[axis]
        differences = []
        for values in judged:
            truth, _, other = under_own_prompts(Judgement(values, values), self.own_reading, self.reading_counts)
            differences.append(float(np.nanmean(truth) - np.nanmean(other)))
        return differences[0], differences[1]

    def best(self, frames: list[Frame], axis: str) -> Frame:
        """The frame with the largest merit: the first of equals, or of all if no prompt states the axis."""
        stated = {
            "count": ~np.isnan(self.distinct.low),
            "laterality": self.distinct.side >= 0,
            "position": self.distinct.stated.any(axis=1),
            "size": self.distinct.sizes.any(axis=1),
        }[axis]
        return max(frames, key=lambda f: self.merit(f, axis)) if stated.any() else frames[0]

    def cuts(self, frame: Frame) -> Frame:
        """The frame with each cut moved to its best place in turn; a midline stays."""
        for direction in ("rows",) if self.ontology.laterality else ("rows", "columns"):
            for k in range(len(getattr(frame, direction))):
                candidates = []
                for band in range(4, FINE - 3):
                    cuts = list(getattr(frame, direction))
                    cuts[k] = band / FINE
                    if cuts == sorted(set(cuts)):
                        fields: dict[str, Any] = {direction: tuple(cuts)}
                        candidates.append(replace(frame, **fields))
                frame = self.best(candidates, "position")
        return frame

    def experts(self, frame: Frame) -> experts.Experts:
        """The regressions, fitted to the masks whose prompts name cells and leave none open."""
        usable = self.readings.stated.any(axis=1) & self.readings.judged.all(axis=1)
        usable &= np.array([not f.conflicts for f in self.findings])
        return experts.fit(self.profiles(frame)[usable], self.readings.stated[usable])

    def profiles(self, frame: Frame) -> NDArray[np.float64]:
        """(N, 1, C, BINS) profiles, as in `features.features`."""
        keep = self.sizes >= frame.min_area
        columns = np.round(np.array([0, *frame.columns]) * FINE).astype(int)
        profile = np.zeros((self.n, FINE, len(columns)))
        np.add.at(profile, self.owner[keep], np.add.reduceat(self.fine[keep], columns, axis=2))
        if frame.convention == "patient":
            profile = profile[:, :, ::-1]
        profile = profile.reshape(self.n, BINS, FINE // BINS, len(columns)).sum(axis=2) * BINS
        return profile.transpose(0, 2, 1)[:, None]

    def provenance(self, prompts: Sequence[str]) -> dict[str, Any]:
        """Number and hashes of the masks and prompts that the frame was fitted to."""
        prompts_sha256 = hashlib.sha256("\n".join(prompts).encode()).hexdigest()
        return {
            "masks": self.n,
            "ontology": self.ontology.name,
            "masks_sha256": self.digest.hexdigest(),
            "prompts_sha256": prompts_sha256,
        }


class LungSearch(Search):
    """Tries frames in bands of each lung's height; lesion above or below a lung is in its first or last band."""

    def __init__(self, masks: list[NDArray[np.uint8]], findings: list[Findings], ontology: Ontology, extents: Extents):
        super().__init__(masks, findings, ontology)
        self.extents = extents
        even = np.arange(1, FINE) / FINE
        parts, spans, self.raw = [], [], []
        for mask, rows, midline in zip(masks, extents.rows, extents.midline, strict=True):
            pixels, positions = warp.by_rows(mask, sides_of(mask.shape[1], midline), 2)
            edges = warp.cell_edges(even, rows)
            parts.append(warp.between(pixels, positions, edges) / mask.size)
            spans.append(np.diff(edges, axis=1).T * [midline, 1 - midline])
            self.raw.append((pixels, positions, mask.shape))
        self.fine = np.concatenate(parts) if parts else np.zeros((0, FINE, 2))
        self.spans = np.array(spans)  # (N, FINE, 2)

    def cells(self, frame: Frame, fine: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """As `Search.cells`, in the bands of each lung: (K, R, 2), and (N, 2 * R)."""
        rows = np.round(np.array([0, *frame.rows]) * FINE).astype(int)
        cells, spans = (np.add.reduceat(values, rows, axis=1) for values in (fine, self.spans))
        if frame.convention == "patient":
            cells, spans = cells[:, :, ::-1], spans[:, :, ::-1]
        return cells, spans.transpose(0, 2, 1).reshape(self.n, -1)

    def profiles(self, frame: Frame) -> NDArray[np.float64]:
        """(N, 2, C, BINS) profiles in bands of the image, and of the lungs."""
        out = []
        for (pixels, positions, shape), rows in zip(self.raw, self.extents.rows, strict=True):
            kept = pixels[pixels.sum(axis=(1, 2)) >= frame.min_area * shape[0] * shape[1]]
            out.append(warp.profiles(kept, positions, rows, shape, BINS))
        profiles = np.array(out)
        return profiles[:, :, ::-1] if frame.convention == "patient" else profiles
