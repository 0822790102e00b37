"""Kinds `mirrored` and `conflict`: the picture flipped left to right, with or without swapped sides in the prompt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.referring.example import CONFLICT, MIRRORED, Example
from c2seg_bench.referring.nowhere import free_cells
from c2seg_bench.referring.reading import Reader, stated
from c2seg_bench.stress.prompt_parts import exchange_sides
from metrics.consistency import Findings, parse
from metrics.consistency.judge.features import Features

OPPOSITE = {"left": "right", "right": "left"}


def mirrored(row: int, prompt: str, ontology: str) -> Example | str:
    """The picture flipped and the sides of its prompt swapped, or the reason why not."""
    own, text = parse(prompt, ontology), exchange_sides(prompt)
    if doubt := doubtful(own):
        return doubt
    if parse(text, ontology).reading != mirror_of(own).reading:
        return "exchanging the sides in the prompt does not mirror what it states"
    return Example(row, MIRRORED, text, True, None)


def conflicting(
    row: int, prompt: str, described: Features, row_of: int, reader: Reader, taken: NDArray[np.bool_]
) -> Example | str:
    """The picture flipped under its own prompt, where that names places on one side that then hold nothing; or why not.

    Args:
        described: of the experts' masks flipped, this picture's at `row_of`.
        taken: (cells,) of the flipped picture that hold something which only another prompt names.
    """
    own = parse(prompt, reader.ontology.name)
    if doubt := doubtful(own):
        return doubt
    if not own.regions:
        return "the prompt names no place"
    if len({cell.split("-")[1] for cell in own.regions}) > 1 or mirror_of(own).regions == own.regions:
        return "the prompt names places on more than one side"
    named = stated(own.regions, reader.ontology)
    if not free_cells(described[row_of : row_of + 1], (), reader)[0][named].all():
        return "the flipped picture has lesion at the stated place, or next to it"
    if (named & taken).any():
        return "the flipped picture has a lesion that no true prompt names at the stated place"
    return Example(row, CONFLICT, prompt, True, None)


def doubtful(findings: Findings) -> str:
    """Why a prompt is not flipped; "" if nothing speaks against it."""
    if findings.states_nothing:
        return "the prompt states nothing"
    if findings.absent:
        return "the prompt states that there is nothing to segment"
    return "the prompt is not read whole" if findings.conflicts or findings.unread else ""


def mirror_of(findings: Findings) -> Findings:
    """What a prompt states of a picture, stated of the picture flipped."""

    def flip(cells: tuple[str, ...]) -> tuple[str, ...]:
        split = (cell.split("-") for cell in cells)
        return tuple(sorted(f"{row}-{OPPOSITE.get(column, column)}" for row, column in split))

    side = findings.laterality and OPPOSITE.get(findings.laterality, findings.laterality)
    return replace(findings, laterality=side, regions=flip(findings.regions), open=flip(findings.open))
