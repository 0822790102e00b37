"""Kinds `mirrored` and `conflict`: the image flipped left to right, with the prompt's sides swapped or left as is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.referring.example import CONFLICT, MIRRORED, Example
from c2seg_bench.referring.nowhere import free_cells
from c2seg_bench.referring.reading import Reader, cells_in
from c2seg_bench.stress.prompt_parts import exchange_sides
from metrics.consistency import Findings, parse
from metrics.consistency.judge.features import Features

OPPOSITE = {"left": "right", "right": "left"}


def mirrored_example(row: int, prompt: str, ontology: str) -> Example | str:
    """The flipped image with the sides of its prompt swapped, or the reason why there is no such example."""
    findings, swapped = parse(prompt, ontology), exchange_sides(prompt)
    if reason := reason_not_to_flip(findings):
        return reason
    if parse(swapped, ontology).reading != mirror_findings(findings).reading:
        return "exchanging the sides in the prompt does not mirror what it states"
    return Example(row, MIRRORED, swapped, True, None)


def conflicting_example(
    row: int, prompt: str, features: Features, reader: Reader, unnamed: NDArray[np.bool_]
) -> Example | str:
    """The flipped image with its unchanged prompt, or the reason why there is no such example.

    The prompt must name places on one side only, and these must be free of lesions in the flipped image.

    Args:
        row: of the image.
        prompt: the true one.
        features: of the experts' masks, flipped, by row.
        reader: of the flipped images.
        unnamed: (cells,) of the flipped image, whether a cell has a lesion that the true prompt does not name.
    """
    findings = parse(prompt, reader.ontology.name)
    if reason := reason_not_to_flip(findings):
        return reason
    if not findings.regions:
        return "the prompt names no place"
    columns = {cell.split("-")[1] for cell in findings.regions}
    if len(columns) > 1 or mirror_findings(findings).regions == findings.regions:
        return "the prompt names places on more than one side"
    named = cells_in(findings.regions, reader.ontology)
    if not free_cells(features[row : row + 1], (), reader)[0][named].all():
        return "the flipped image has lesion at the stated place, or next to it"
    if (named & unnamed).any():
        return "the flipped image has a lesion that no true prompt names at the stated place"
    return Example(row, CONFLICT, prompt, True, None)


def reason_not_to_flip(findings: Findings) -> str:
    """Why an image with this prompt is not flipped; "" if it can be."""
    if findings.states_nothing:
        return "the prompt states nothing"
    if findings.absent:
        return "the prompt states that there is nothing to segment"
    return "the prompt is not read whole" if findings.conflicts or findings.unread else ""


def mirror_findings(findings: Findings) -> Findings:
    """The findings with left and right swapped, as they hold in the flipped image."""

    def flip(cells: tuple[str, ...]) -> tuple[str, ...]:
        split = (cell.split("-") for cell in cells)
        return tuple(sorted(f"{row}-{OPPOSITE.get(column, column)}" for row, column in split))

    side = findings.laterality and OPPOSITE.get(findings.laterality, findings.laterality)
    return replace(findings, laterality=side, regions=flip(findings.regions), open=flip(findings.open))
