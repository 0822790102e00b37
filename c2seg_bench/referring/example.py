"""One edited prompt with its right mask, and all that are possible for a set of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.rundir import REFERRING_KINDS

PART, NOWHERE, MIRRORED, CONFLICT = KINDS = REFERRING_KINDS
NEIGHBOURS = np.ones((3, 3))  # 8, as everywhere in the consistency metric


@dataclass(frozen=True)
class Example:
    """An edited prompt.

    Args:
        row: position of the picture among those that the examples were made of.
        kind: one of `KINDS`.
        prompt: what the method is given.
        flipped: whether the method is given the picture flipped left to right.
        components: of kind `part`: which components of the expert's mask are asked for, by their numbers in
            `components_of`; None for other kinds.
    """

    row: int
    kind: str
    prompt: str
    flipped: bool
    components: tuple[int, ...] | None

    def target(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        """The right mask (H, W) from the expert's (H, W), not 0 where lesion is, both of the picture as it is given.

        Exactly the components asked for (`part`), nothing (`nowhere`, `conflict`), or the whole flipped (`mirrored`).
        """
        mask = np.asarray(mask) != 0
        if self.kind == PART:
            return np.isin(components_of(mask), self.components or ())
        return mask[:, ::-1].copy() if self.kind == MIRRORED else np.zeros_like(mask)

    def whole(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        """The expert's mask as it lies on the picture that the method is given: flipped where that is."""
        mask = np.asarray(mask) != 0
        return mask[:, ::-1].copy() if self.flipped else mask.copy()


def components_of(mask: NDArray[Any]) -> NDArray[np.int32]:
    """(H, W) number of the component (8 neighbours) that a pixel is in, from 1, in the order of rows; 0 for none."""
    from scipy.ndimage import label

    return label(np.asarray(mask) != 0, NEIGHBOURS)[0]


@dataclass(frozen=True)
class Refusal:
    """A picture that admits no example of a kind, and why."""

    row: int
    kind: str
    reason: str


@dataclass(frozen=True)
class Survey:
    """What N pictures admit: for each picture and kind either examples or a reason.

    Args:
        examples: by kind in the order asked for, then by row; those of one row in an order drawn from its name, so that
            the first k of them are a sample.
        refusals: by kind, then by row.
    """

    examples: tuple[Example, ...]
    refusals: tuple[Refusal, ...]

    def admitting(self, kind: str) -> int:
        """How many pictures admit at least one example of a kind."""
        return len({example.row for example in self.examples if example.kind == kind})
