"""Kind `nowhere`: a prompt that names a place without a lesion, whose neighbouring places have none either."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.referring.example import NOWHERE, Example
from c2seg_bench.referring.reading import LIKELY, Reader, cells_in, neighbours
from metrics.consistency import parse
from metrics.consistency.judge.features import Features
from metrics.consistency.writer import Constraint, Writer

UNLIKELY = 0.1  # below this probability no expert would name the cell
COVERED = 0.01  # share of a free cell that may still be lesion


def free_cells(features: Features, regions: tuple[str, ...], reader: Reader) -> NDArray[np.bool_]:
    """(n, cells) whether a cell and its neighbours have no lesion, neither in the mask nor in the prompt.

    Args:
        features: of n masks.
        regions: cells that the prompt names; neither they nor their neighbours are free.
        reader: of the images.
    """
    probability = reader.naming_probability(features)
    occupied = (probability >= LIKELY) | cells_in(regions, reader.ontology)
    free = (probability < UNLIKELY) & (features.covered < COVERED)
    return np.asarray(free & ~(occupied @ neighbours(reader.ontology)))


def nowhere_examples(
    row: int, prompt: str, features: Features, reader: Reader, writer: Writer, unnamed: NDArray[np.bool_]
) -> Iterator[Example]:
    """A prompt about one lesion for each free cell of an image.

    Args:
        row: of the image.
        prompt: the true one.
        features: of the experts' masks, by row.
        reader, writer: of the images and prompts.
        unnamed: (cells,) whether a cell has a lesion that the true prompt does not name.
    """
    findings = parse(prompt, reader.ontology.name)
    free = free_cells(features[row : row + 1], findings.regions, reader)[0] & ~unnamed
    sizes = findings.sizes if len(findings.sizes) == 1 else ()
    for cell in np.array(reader.ontology.cells)[free]:
        text = writer.write(Constraint(1, (str(cell),), sizes), writer.details_of(prompt))
        if text is not None:
            yield Example(row, NOWHERE, text, False, None)
