"""Kind `part`: a prompt that names some of the lesions of a picture and no other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.referring.example import PART, Example, components_of
from c2seg_bench.referring.reading import LIKELY, Reader
from metrics.consistency import Findings, parse
from metrics.consistency.judge.features import Features
from metrics.consistency.judge.judgement import Readings, judge
from metrics.consistency.writer import Constraint, Writer

SMALLEST = 0.002  # share of the picture of a component that can be asked for
DIFFERENCE = 0.01  # share of the picture by which part and whole differ at least
MOST = 6  # components of one picture: 62 choices


class Choice(NamedTuple):
    """Some of the components of one picture."""

    components: tuple[int, ...]
    usable: bool  # large enough and different enough from the whole to be asked for


class Components(NamedTuple):
    """The components of one expert's mask that are no specks."""

    labels: NDArray[np.int32]  # (H, W)
    numbers: tuple[int, ...]
    area: dict[int, int]  # pixels

    @classmethod
    def of(cls, mask: NDArray[np.bool_], min_area: float) -> Components:
        labels = components_of(mask)
        area = dict(enumerate(np.bincount(labels.ravel()).tolist()))
        kept = tuple(k for k in area if k and area[k] >= max(min_area * mask.size, 1))
        return cls(labels, kept, area)

    def choices(self) -> list[Choice]:
        """Every choice of some, not all, of the components."""
        size, whole = self.labels.size, int((self.labels > 0).sum())
        out = []
        for count in range(1, len(self.numbers)):
            for chosen in combinations(self.numbers, count):
                large = all(self.area[k] >= SMALLEST * size for k in chosen)
                differs = whole - sum(self.area[k] for k in chosen) > DIFFERENCE * size
                out.append(Choice(chosen, large and differs))
        return out

    def masks(self, choices: list[Choice]) -> list[NDArray[np.bool_]]:
        return [np.isin(self.labels, choice.components) for choice in choices]


def parts(
    row: int, prompt: str, choices: list[Choice], described: Features, reader: Reader, writer: Writer
) -> Iterator[Example]:
    """The unambiguous part prompts of one picture.

    A prompt is written from the frame's reading of the chosen components: how many there are, the cells that an expert
    would name, and their size. It is kept where it is read back as that, and where of all choices the judge lets it
    hold for this one alone. Its places are among those of the true prompt, where that names some: else the words of the
    expert and the frame disagree on where the lesion is.

    Args:
        prompt: the true one.
        choices: every choice of components, and `described` their features.
    """
    own = parse(prompt, reader.ontology.name)
    names = np.array(reader.ontology.cells)
    likely = reader.named(described) >= LIKELY
    details = writer.details_of(prompt)
    found: list[tuple[int, str, Findings]] = []
    for i, choice in enumerate(choices):
        regions = tuple(str(cell) for cell in names[likely[i]])
        if not choice.usable or not regions or (own.regions and not set(regions) <= set(own.regions)):
            continue
        text = writer.write(Constraint(len(choice.components), regions, size_words(own, reader, described, i)), details)
        if text is not None:
            found.append((i, text, parse(text, reader.ontology.name)))
    if not found:
        return
    readings = Readings.of([findings for _, _, findings in found], reader.ontology)
    holds = judge(described, readings, reader.frame)["all"].ok == 1  # (choices, found)
    for k, (i, text, _) in enumerate(found):
        if holds[i, k] and holds[:, k].sum() == 1:
            yield Example(row, PART, text, False, choices[i].components)


def size_words(own: Findings, reader: Reader, described: Features, i: int) -> tuple[str, ...]:
    """The size to state where the true prompt states one: as the frame reads it, else the true prompt's if it has one.

    None if it has several, of which nobody knows which lesion has which.
    """
    if not own.sizes:
        return ()
    return reader.size_of(described, i) or (own.sizes if len(own.sizes) == 1 else ())
