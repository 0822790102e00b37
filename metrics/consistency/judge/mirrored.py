"""Whether lesions are on the side that the prompts state, or on the other: the frame's convention may be wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics.consistency.judge.features import Features
from metrics.consistency.reader.findings import Findings

LEAST_ONE_SIDED = 8  # prompts; if 1 of 8 agrees, the share is below one half with 95 % confidence; if 2 do, it is not
MIRRORED = 0.4  # share of agreement below which sides may be mirrored


def on_stated_side(described: Features, findings: Sequence[Findings]) -> tuple[int, int]:
    """How many masks have most of their lesion on the one side that the prompt states, and of how many.

    Prompts of both sides are left out, because a mirrored mask agrees with them too. (0, 0) for a grid without sides.
    """
    if described.sides.shape[1] != 2:
        return 0, 0
    one_sided = [i for i, f in enumerate(findings) if f.laterality in ("left", "right") and described.count[i]]
    right = np.array([findings[i].laterality == "right" for i in one_sided], int)
    excess = described.sides[one_sided, right] - described.sides[one_sided, 1 - right]  # of the stated side
    return int((excess > 0).sum()), int((excess != 0).sum())


def seems_mirrored(agree: int, n: int) -> bool:
    """Whether significantly fewer than half of n masks agree with the stated side."""
    return n >= LEAST_ONE_SIDED and agree < MIRRORED * n and wilson(agree, n)[1] < 0.5


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share, n of at least 1 (Wilson 1927)."""
    z = 1.959964
    share, spread = successes / n, z * np.sqrt(successes / n * (1 - successes / n) / n + z**2 / (4 * n**2))
    middle, scale = share + z**2 / (2 * n), 1 + z**2 / n
    return max(0.0, float((middle - spread) / scale)), min(1.0, float((middle + spread) / scale))
