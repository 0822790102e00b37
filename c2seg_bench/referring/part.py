"""Kind `part`: a prompt that names some of an image's lesions and no others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.referring.example import PART, Example, label_components
from c2seg_bench.referring.reading import LIKELY, Reader
from metrics.consistency import Findings, parse
from metrics.consistency.judge.features import Features
from metrics.consistency.judge.judgement import Readings, judge
from metrics.consistency.writer import Constraint, Writer

SMALLEST = 0.002  # share of the image that a named component has at least
DIFFERENCE = 0.01  # share of the image by which the part and the whole differ at least
MOST = 6  # components of an image, which make 62 choices


class Choice(NamedTuple):
    """Some, but not all, of the components of an image."""

    components: tuple[int, ...]
    usable: bool  # its components are large enough, and it differs enough from the whole


class Components(NamedTuple):
    """The components of an expert's mask that are larger than specks."""

    labels: NDArray[np.int32]  # (H, W), as from `label_components`
    numbers: tuple[int, ...]
    area: dict[int, int]  # number -> pixels

    @classmethod
    def of(cls, mask: NDArray[np.bool_], min_area: float) -> Components:
        """From a mask (H, W); `min_area` is the share of the image below which a component is a speck."""
        labels = label_components(mask)
        area = dict(enumerate(np.bincount(labels.ravel()).tolist()))
        kept = tuple(k for k in area if k and area[k] >= max(min_area * mask.size, 1))
        return cls(labels, kept, area)

    def choices(self) -> list[Choice]:
        """All choices, the smallest first; none for fewer than two components or more than `MOST`."""
        if not 1 < len(self.numbers) <= MOST:
            return []
        size, whole = self.labels.size, int((self.labels > 0).sum())
        choices = []
        for count in range(1, len(self.numbers)):
            for chosen in combinations(self.numbers, count):
                large = all(self.area[k] >= SMALLEST * size for k in chosen)
                differs = whole - sum(self.area[k] for k in chosen) > DIFFERENCE * size
                choices.append(Choice(chosen, large and differs))
        return choices

    def masks(self, choices: list[Choice]) -> list[NDArray[np.bool_]]:
        """A mask (H, W) for each choice."""
        return [np.isin(self.labels, choice.components) for choice in choices]

    def why_no_part(self, choices: list[Choice]) -> str:
        """The reason why the image has no part prompt."""
        if len(self.numbers) < 2:
            return "fewer than two components"
        if len(self.numbers) > MOST:
            return f"more than {MOST} components"
        if not any(choice.usable for choice in choices):
            return "no part is large enough and leaves out more than 1 % of the image"
        return "no part has words of its own that the true prompt agrees with"


def part_examples(
    row: int, prompt: str, choices: list[Choice], features: Features, reader: Reader, writer: Writer
) -> Iterator[Example]:
    """The unambiguous part prompts of an image.

    Each prompt is written from the frame's reading of the chosen components: their number, the cells that an expert
    would name, and their size. It is kept if the reader reads it back unchanged, and if this choice is the only one
    that the judge finds consistent with it. If the true prompt names places, those of the part must be among them:
    otherwise the expert's words and the frame disagree on where the lesion is.

    Args:
        row: of the image.
        prompt: the true one.
        choices: all choices of components.
        features: of the masks of `choices`, in the same order.
        reader, writer: of the images and prompts.
    """
    true = parse(prompt, reader.ontology.name)
    cells = np.array(reader.ontology.cells)
    likely = reader.naming_probability(features) >= LIKELY
    details = writer.details_of(prompt)
    candidates: list[tuple[int, str]] = []  # index of the choice, prompt
    for i, choice in enumerate(choices):
        regions = tuple(str(cell) for cell in cells[likely[i]])
        if not choice.usable or not regions or (true.regions and not set(regions) <= set(true.regions)):
            continue
        sizes = sizes_to_state(true, reader, features, i)
        text = writer.write(Constraint(len(choice.components), regions, sizes), details)
        if text is not None:
            candidates.append((i, text))
    if not candidates:
        return
    readings = Readings.of([parse(text, reader.ontology.name) for _, text in candidates], reader.ontology)
    consistent = judge(features, readings, reader.frame)["all"].ok == 1  # (choices, candidates)
    for k, (i, text) in enumerate(candidates):
        if consistent[i, k] and consistent[:, k].sum() == 1:
            yield Example(row, PART, text, False, choices[i].components)


def sizes_to_state(true: Findings, reader: Reader, features: Features, i: int) -> tuple[str, ...]:
    """The size that the prompt of choice i states: none if the true prompt states none.

    It is the frame's reading, or else the true prompt's size if that has only one. If it has several, nothing says
    which lesion has which.
    """
    if not true.sizes:
        return ()
    return reader.size_of(features, i) or (true.sizes if len(true.sizes) == 1 else ())
