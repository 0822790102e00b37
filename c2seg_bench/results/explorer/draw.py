"""The cases of chosen pairs: each method's mask, its scores, and the verdict on it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.results.explorer.encode import run_lengths
from c2seg_bench.results.explorer.pairs import COLUMNS, FLIPPED, Grid
from c2seg_bench.results.explorer.reasons import Answer, Reasons
from c2seg_bench.results.image_masks import masks_of
from c2seg_bench.results.run import Run
from c2seg_bench.stress import FAMILIES
from metrics.consistency import parse

SAME = "="  # the method's mask of the clean prompt
DIGITS = 3


@dataclass
class Drawer:
    """Makes the cases of one dataset.

    Args:
        pictures: positions of the images in the grid whose masks are read.
    """

    run: Run
    grid: Grid
    pictures: Sequence[int]
    _reasons: Reasons = field(init=False)
    _clean: dict[int, NDArray[np.bool_]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        truth = self.run.truth[self.grid.dataset]
        self._reasons = Reasons(truth.judge, truth.cache_rows[list(self.pictures)])
        self._position = {image: i for i, image in enumerate(self.pictures)}

    def cases(
        self, condition: int, images: Sequence[int], trainings: Sequence[int] | None = None
    ) -> list[list[list[Any] | None]]:
        """Of each image, a case per training of the grid: None where it was not scored, or is not in `trainings`.

        A case is [*scores in the order of COLUMNS (null: none), mask, answers to the clean prompt, answers to the
        edited prompt]. The mask is as `encode.run_lengths` writes it, "=" where it is the clean prompt's, in which case
        the first answers are empty, and null where the run has no masks of the method. The last answers are empty
        where the prompt was not edited. A prompt with a correct mask of its own has only the last. Masks of a flipped
        image are as they lie on that.
        """
        every = range(len(self.grid.methods))
        shown = set(every if trainings is None else trainings)
        none = [None] * len(images)
        by_training = [self._of_training(m, condition, images) if m in shown else none for m in every]
        return [list(cases) for cases in zip(*by_training, strict=True)]

    def _of_training(self, training: int, condition: int, images: Sequence[int]) -> list[list[Any] | None]:
        at = condition, list(images), training
        columns = [self.grid.values[column][at] for column in COLUMNS]
        scores = [[None if np.isnan(v) else round(float(v), DIGITS) for v in row] for row in zip(*columns, strict=True)]
        masks = self._masks(training, condition, images)
        if masks is None:
            verdicts: list[list[Any]] = [[None, [], []] for _ in images]
        else:
            verdicts = self._verdicts(training, condition, images, masks)
        return [None if s[0] is None else [*s, *v] for s, v in zip(scores, verdicts, strict=True)]

    def _verdicts(
        self, training: int, condition: int, images: Sequence[int], masks: NDArray[np.bool_]
    ) -> list[list[Any]]:
        """(mask, answers, answers to the edited prompt) of each image."""
        pictures = np.array([self._position[image] for image in images])
        family, is_referring = self.grid.conditions[condition].family, self.grid.conditions[condition].is_referring
        flipped = family in FLIPPED
        described = self._reasons.features(masks, pictures, flipped)
        against_clean = [[] for _ in images] if is_referring else self._against(0, images, described)
        if not condition:
            self._clean[training] = _spread(masks, pictures, len(self.pictures))
            return [[run_lengths(m), a, []] for m, a in zip(masks, against_clean, strict=True)]
        before = None if flipped else self._clean.get(training)
        same = np.zeros(len(masks), bool) if before is None else (masks == before[pictures]).all(axis=(1, 2))
        edited: list[list[Answer]] = [[] for _ in images]
        if is_referring or FAMILIES[family].axis:
            edited = self._against(condition, images, described)
        return [
            [SAME, [], e] if unchanged else [run_lengths(m), a, e]
            for m, a, e, unchanged in zip(masks, against_clean, edited, same, strict=True)
        ]

    def _against(self, condition: int, images: Sequence[int], described: Any) -> list[list[Answer]]:
        """Answers to the prompts of a condition."""
        ontology = self.run.truth[self.grid.dataset].judge.ontology
        findings = [parse(self.grid.prompts[condition, image], ontology) for image in images]
        return self._reasons.answers(described, findings)

    def _masks(self, training: int, condition: int, images: Sequence[int]) -> NDArray[np.bool_] | None:
        """(K, H, W); None where the run has no masks of the method, as of scores that came without."""
        cell = self.run.files.cell(self.grid.dataset, self.grid.methods[training], self.grid.seeds[training])
        path = cell.predictions(self.grid.conditions[condition])
        if not path.exists():
            return None
        truth = self.run.truth[self.grid.dataset]
        return masks_of(path, [self.grid.images[image] for image in images], truth.masks.shape[-1]).astype(bool)


def _spread(masks: NDArray[np.bool_], at: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """(count, H, W) with the masks at their positions."""
    whole = np.zeros((count, *masks.shape[1:]), bool)
    whole[at] = masks
    return whole
