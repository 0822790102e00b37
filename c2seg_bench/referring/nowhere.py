"""Kind `nowhere`: a prompt that names a place where there is no lesion, nor next to it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.referring.example import NOWHERE, Example
from c2seg_bench.referring.reading import LIKELY, Reader, neighbours, stated
from metrics.consistency import parse
from metrics.consistency.judge.features import Features
from metrics.consistency.writer import Constraint, Writer

UNLIKELY = 0.1  # probability below which no expert would name the cell
COVERED = 0.01  # share of the cell that may be lesion all the same


def free_cells(described: Features, regions: tuple[str, ...], reader: Reader) -> NDArray[np.bool_]:
    """(n, cells) where no lesion is, nor next to it, by the mask and by the words.

    Args:
        described: of n masks.
        regions: cells that a prompt states: not free, nor are those next to them.
    """
    likely = reader.named(described)
    occupied = (likely >= LIKELY) | stated(regions, reader.ontology)
    free = (likely < UNLIKELY) & (described.covered < COVERED)
    return np.asarray(free & ~(occupied @ neighbours(reader.ontology)))


def nowheres(
    row: int, prompt: str, described: Features, row_of: int, reader: Reader, writer: Writer, taken: NDArray[np.bool_]
) -> Iterator[Example]:
    """A prompt of one lesion for each free cell of one picture.

    Args:
        prompt: the true one.
        described: of the experts' masks, this picture's at `row_of`.
        taken: (cells,) that hold something which the true prompt does not name and another prompt would.
    """
    own = parse(prompt, reader.ontology.name)
    free = free_cells(described[row_of : row_of + 1], own.regions, reader)[0] & ~taken
    sizes = own.sizes if len(own.sizes) == 1 else ()
    for cell in np.array(reader.ontology.cells)[free]:
        text = writer.write(Constraint(1, (str(cell),), sizes), writer.details_of(prompt))
        if text is not None:
            yield Example(row, NOWHERE, text, False, None)
