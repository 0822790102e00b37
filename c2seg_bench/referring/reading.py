"""Masks as the frame reads them: how likely an expert would name each cell, and which cells lie side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.scoring.judge import Judge
from metrics.consistency import Frame
from metrics.consistency.frame.extents import Extents
from metrics.consistency.frame.frame import SIZES
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.judge.features import Features, by_cuts, features
from metrics.consistency.reader.ontology import Ontology, load_ontology

LIKELY = 0.5  # probability from which on a cell is read as named


@dataclass(frozen=True)
class Reader:
    """A judge's frame, ready to read any masks of N pictures.

    Args:
        ontology: of the prompts.
        frame: with the ontology's grid.
        extents: of the lungs in the N pictures; None for a frame that need not know them.
    """

    ontology: Ontology
    frame: Frame
    extents: Extents | None

    @classmethod
    def of(cls, judge: Judge, rows: NDArray[np.int64], flipped: bool = False) -> Reader:
        """For these rows of the judge's pictures or lung masks; `flipped`: for the same, flipped left to right."""
        ontology = load_ontology(judge.ontology)
        frame = fit_grid(judge.frame, ontology)

        def taken(items: Any) -> list | None:
            return None if items is None else [np.asarray(items[row])[:, ::step] for row in rows]

        step = -1 if flipped else 1
        needed = frame.relative == "lungs"
        extents = frame.extents(len(rows), taken(judge.images), taken(judge.lungs)) if needed else None
        return cls(ontology, frame, extents)

    def describe(self, masks: NDArray[np.bool_] | list, pictures: NDArray[np.int64]) -> Features:
        """Features of n masks (H, W), each of one of the N pictures."""
        known = self.extents
        extents = None if known is None else Extents(known.rows[pictures], known.midline[pictures])
        return features(masks, self.frame, extents=extents)

    def named(self, described: Features) -> NDArray[np.float64]:
        """(n, cells) how likely an expert, shown the mask, would name each cell; by the cuts where no expert is known.

        A mask without lesion has none named.
        """
        probability = by_cuts(described, self.frame) if described.expert is None else described.expert
        return probability * (described.count > 0)[:, None]

    def size_of(self, described: Features, i: int) -> tuple[str, ...]:
        """The size of the mean lesion of mask i in words; none where the frame has no ranges of sizes."""
        if not self.frame.sizes or not described.count[i]:
            return ()
        mean = described.area[i] / described.count[i]
        return (SIZES[int(np.searchsorted(self.frame.sizes, mean, side="right"))],)


def neighbours(ontology: Ontology) -> NDArray[np.bool_]:
    """(cells, cells) whether two cells are one or touch, corners included; across two lungs they do not."""
    rows, columns = len(ontology.rows), len(ontology.columns)
    row, column = np.tile(np.arange(rows), columns), np.repeat(np.arange(columns), rows)
    apart = np.abs(column[:, None] - column)
    beside = (np.abs(row[:, None] - row) <= 1) & (apart <= (0 if ontology.laterality else 1))
    return np.asarray(beside)


def stated(regions: tuple[str, ...], ontology: Ontology) -> NDArray[np.bool_]:
    """(cells,) whether each cell is among these."""
    return np.array([cell in regions for cell in ontology.cells], bool)
