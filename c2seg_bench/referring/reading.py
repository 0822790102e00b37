"""Masks as the frame reads them: how likely an expert would name each cell, and which cells are neighbours."""

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

LIKELY = 0.5  # a cell with at least this probability is read as named


@dataclass(frozen=True)
class Reader:
    """A judge's frame, prepared to read masks of N images.

    Args:
        ontology: of the prompts.
        frame: with the ontology's grid.
        extents: of the lungs in the N images; None for a frame that does not use them.
    """

    ontology: Ontology
    frame: Frame
    extents: Extents | None

    @classmethod
    def of(cls, judge: Judge, rows: NDArray[np.int64], flipped: bool = False) -> Reader:
        """For these rows (N,) of the judge's images or lung masks, flipped left to right if `flipped`."""
        ontology = load_ontology(judge.ontology)
        frame = fit_grid(judge.frame, ontology)
        step = -1 if flipped else 1

        def select(items: Any) -> list | None:
            return None if items is None else [np.asarray(items[row])[:, ::step] for row in rows]

        extents = None
        if frame.relative == "lungs":
            extents = frame.extents(len(rows), select(judge.images), select(judge.lungs))
        return cls(ontology, frame, extents)

    def describe(self, masks: NDArray[np.bool_] | list, image_of_mask: NDArray[np.int64]) -> Features:
        """Features of n masks (H, W).

        Args:
            masks: n of them.
            image_of_mask: (n,) position of each mask's image among the N.
        """
        extents = None
        if self.extents is not None:
            extents = Extents(self.extents.rows[image_of_mask], self.extents.midline[image_of_mask])
        return features(masks, self.frame, extents=extents)

    def naming_probability(self, features: Features) -> NDArray[np.float64]:
        """(n, cells) how likely an expert who sees the mask would name each cell; 0 for an empty mask.

        The cuts decide for a frame without a model of experts.
        """
        probability = by_cuts(features, self.frame) if features.expert is None else features.expert
        return probability * (features.count > 0)[:, None]

    def size_of(self, features: Features, i: int) -> tuple[str, ...]:
        """The size word for the mean lesion of mask i; empty if the mask is, or the frame has no ranges of sizes."""
        if not self.frame.sizes or not features.count[i]:
            return ()
        mean = features.area[i] / features.count[i]
        return (SIZES[int(np.searchsorted(self.frame.sizes, mean, side="right"))],)


def neighbours(ontology: Ontology) -> NDArray[np.bool_]:
    """(cells, cells) whether two cells are the same or touch, also at a corner; cells of different lungs never do."""
    rows, columns = len(ontology.rows), len(ontology.columns)
    row, column = np.tile(np.arange(rows), columns), np.repeat(np.arange(columns), rows)
    reach = 0 if ontology.laterality else 1
    touching = (np.abs(row[:, None] - row) <= 1) & (np.abs(column[:, None] - column) <= reach)
    return np.asarray(touching)


def cells_in(regions: tuple[str, ...], ontology: Ontology) -> NDArray[np.bool_]:
    """(cells,) whether each cell of the ontology is among `regions`."""
    return np.array([cell in regions for cell in ontology.cells], bool)
