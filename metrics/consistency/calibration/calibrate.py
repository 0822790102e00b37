"""Fitting a frame to masks and prompts: minimum area, midline, cuts, tolerances, and how experts name cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency.calibration.search import FINE, LungSearch, Search
from metrics.consistency.frame import lungs as estimator
from metrics.consistency.frame.extents import Extents, extents_of_masks
from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge.features import zeros_and_ones
from metrics.consistency.reader.ontology import load_ontology
from metrics.consistency.reader.parse import parse
from metrics.errors import InputError

SIZE_CUTS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.09, 0.12, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
LEAST = 20  # images whose prompts state a place
LEAST_EXPERTS = 200  # the same, for the regressions of `experts`
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
    images: Sequence[ArrayLike] | NDArray | None = None,
    lungs: Sequence[ArrayLike] | None = None,
) -> Frame:
    """Fit the frame under which the masks and prompts of a training split agree best. Deterministic.

    Parameters are fitted one after the other: the minimum area by the stated counts, convention and midline by the
    one-sided prompts, cuts and tolerances by the stated cells (coordinate descent), the ranges of sizes, and, for lungs
    with 200 images or more, how likely experts name each cell. The objective is the strict share of masks under their
    own prompts less that under other images' prompts; agreement alone would favour tolerances that accept everything.

    Args:
        masks: N masks (H, W), bool or 0/1, of any shapes.
        prompts: N texts.
        ontology: to read them with.
        name: of the frame.
        convention: "image" or "patient"; None: the one that agrees with more prompts.
        images: N images (H, W) or (H, W, 3). Rows are then relative to the lungs, and the frame learns to locate these
            in an image: from `lungs`, or from the masks whose prompts name a whole side.
        lungs: N lung masks (H, W). Rows are then relative to the lungs. Without `images` the frame always needs such
            masks.

    Raises:
        InputError: unequal numbers; fewer than 20 images whose prompts state a place; images or lung masks with an
            ontology without sides; too few images to learn from.
    """
    loaded_ontology = load_ontology(ontology)
    check_numbers(masks, prompts, images, lungs)
    if not loaded_ontology.laterality and (images is not None or lungs is not None):
        raise InputError(f"ontology {ontology} has no lungs; leave out images (--images) and lung masks (--lungs)")
    findings = [parse(text, ontology) for text in prompts]
    placed = sum(bool(f.regions) for f in findings)
    if placed < LEAST:
        raise InputError(f"{placed} prompts state a place that can be read; calibrating takes {LEAST} or more")
    lesions = [zeros_and_ones(m, f"mask {i}") for i, m in enumerate(masks)]
    search = Search(lesions, findings, loaded_ontology)
    frame = fit_area_and_sides(search, search.start(name), convention)
    learned: dict[str, Any] = {}
    if images is not None or lungs is not None:
        frame, extents, learned = fit_lungs(frame, search, lesions, images, lungs)
        search = LungSearch(lesions, findings, loaded_ontology, extents)
    frame = fit_places_and_sizes(search, frame)
    if loaded_ontology.laterality and placed >= LEAST_EXPERTS:
        frame = replace(frame, experts=search.experts(frame))
    return replace(frame, about={**search.provenance(prompts), **learned})


def check_numbers(
    masks: Sequence[Any] | NDArray,
    prompts: Sequence[str],
    images: Sequence[Any] | NDArray | None,
    lungs: Sequence[Any] | None,
) -> None:
    """InputError unless there are as many prompts and, if given, images and lung masks as masks."""
    for description, given in (("prompts", prompts), ("images", images), ("lung masks", lungs)):
        if given is not None and len(given) != len(masks):
            raise InputError(f"{len(masks)} masks and {len(given)} {description}; give one of each per image")


def fit_area_and_sides(search: Search, frame: Frame, convention: str | None) -> Frame:
    """The frame with the best minimum area and, if sides are an axis, the best convention, midline and side share."""
    # the largest of equal areas: experts draw no specks, so their masks do not distinguish small areas
    frame = search.best([replace(frame, min_area=a) for a in reversed(AREAS)], "count")
    if not search.ontology.laterality:
        return frame
    conventions = (convention,) if convention else ("image", "patient")
    frame = search.best([replace(frame, convention=c) for c in conventions], "laterality")
    cuts = [replace(frame, columns=(k / FINE,), side_share=s) for k in range(24, 33) for s in SHARES]
    return search.best(cuts, "laterality")


def fit_places_and_sizes(search: Search, frame: Frame) -> Frame:
    """The frame with the best cuts and tolerances, fitted in turns, and the best ranges of sizes."""
    for _ in range(3):
        before = frame
        frame = search.cuts(frame)
        frame = search.best([replace(frame, inside=i, outside=o) for i in INSIDE for o in OUTSIDE], "position")
        if frame == before:
            break
    if search.distinct.sizes.any():
        ranges = [(a, b) for a in SIZE_CUTS for b in SIZE_CUTS if a < b]
        frame = search.best([replace(frame, sizes=pair) for pair in ranges], "size")
    return frame


def fit_lungs(
    frame: Frame,
    search: Search,
    lesions: list[NDArray[np.uint8]],
    images: Sequence[ArrayLike] | NDArray | None,
    lungs: Sequence[ArrayLike] | None,
) -> tuple[Frame, Extents, dict[str, Any]]:
    """The frame with rows relative to the lungs; the extents of the lungs; and how they were learned, for its file."""
    frame = replace(frame, relative="lungs")
    midline = frame.columns[0]
    known = None if lungs is None else extents_of_masks(lungs, midline)
    if images is None:
        assert known is not None
        return frame, known, {"lungs": "masks"}
    if known is None:
        n = len(search.ontology.rows)
        whole = np.asarray(search.readings.stated.reshape(search.n, -1, n).all(axis=2))
        whole = whole[:, ::-1] if frame.convention == "patient" else whole
        targets = estimator.lung_rows_of_lesions(lesions, whole, midline)
    else:
        targets = known.rows
    estimate, rows, errors = estimator.fit(images, targets)
    return replace(frame, lungs=estimate), Extents(rows, np.full(len(rows), midline)), {"lungs": errors}
