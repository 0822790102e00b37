"""An edited prompt with its correct mask, and the examples and refusals of a set of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.rundir import REFERRING_KINDS

PART, NOWHERE, MIRRORED, CONFLICT = KINDS = REFERRING_KINDS
EIGHT_NEIGHBOURS = np.ones((3, 3))  # as everywhere in the consistency metric


@dataclass(frozen=True)
class Example:
    """An edited prompt.

    Args:
        row: position of the image among those that the examples were made from.
        kind: one of `KINDS`.
        prompt: the edited prompt, which the method gets.
        flipped: whether the method gets the image flipped left to right.
        components: for kind `part`, the components that the prompt names, numbered as in `label_components`; None for
            other kinds.
    """

    row: int
    kind: str
    prompt: str
    flipped: bool
    components: tuple[int, ...] | None

    def target(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        """The correct mask for the image as the method gets it, from the expert's mask of the original image.

        It has exactly the named components (`part`), nothing (`nowhere`, `conflict`), or the expert's mask flipped
        (`mirrored`).

        Args:
            mask: (H, W), nonzero on lesions.

        Returns:
            (H, W) bool, a new array.
        """
        mask = np.asarray(mask) != 0
        if self.kind == PART:
            return np.isin(label_components(mask), self.components or ())
        return mask[:, ::-1].copy() if self.kind == MIRRORED else np.zeros_like(mask)

    def whole(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        """The expert's whole mask (H, W) on the image as the method gets it, so flipped if the image is."""
        mask = np.asarray(mask) != 0
        return mask[:, ::-1].copy() if self.flipped else mask.copy()


def label_components(mask: NDArray[Any]) -> NDArray[np.int32]:
    """(H, W) number of each pixel's component (8 neighbours), from 1 in row order; 0 for the background."""
    from scipy.ndimage import label

    return label(np.asarray(mask) != 0, EIGHT_NEIGHBOURS)[0]


@dataclass(frozen=True)
class Refusal:
    """An image without an example of a kind, and the reason."""

    row: int
    kind: str
    reason: str


@dataclass(frozen=True)
class Survey:
    """For each of N images and each kind, either its examples or the reason why there is none.

    Args:
        examples: by kind in the order requested, then by row. The examples of one row are in an order drawn from the
            image's name, so the first k of them are a random sample.
        refusals: by kind, then by row.
    """

    examples: tuple[Example, ...]
    refusals: tuple[Refusal, ...]

    def admitting(self, kind: str) -> int:
        """The number of images with at least one example of a kind."""
        return len({example.row for example in self.examples if example.kind == kind})
