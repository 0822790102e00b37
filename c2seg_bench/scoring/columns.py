"""The columns of the CSV that `score` writes; the first ones, in fixed order, are those that scripts rely on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metrics.catalogue import DEFAULT
from metrics.consistency.axes import ALL, AXES
from metrics.table import COUNTS, FLAGS

FIRST_AXES = [AXES[name] for name in ("count", "laterality", "position")]
STRICT = [*(axis.ok for axis in FIRST_AXES), ALL.ok]
GRADED = [axis.score for axis in FIRST_AXES]
REASONS = ["count_reason", "laterality_reason", "position_reason", "size_reason", "absent_reason"]


def in_fixed_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns in order: fixed ones, others, pixel counts, the prompt, and the comparison of prompt and mask.

    Answers are 0 or 1, empty if the prompt states nothing.
    """
    rows = rows.copy()
    for name in (*STRICT, *GRADED):
        values = pd.to_numeric(rows[name]) if name in rows else pd.Series(np.nan, index=rows.index)
        rows[name] = values.astype("Float64" if name in GRADED else "Int64")
    first = ["image", *DEFAULT, *FLAGS, *STRICT, *GRADED]
    last = [*COUNTS, *(name for name in ("prompt", *REASONS) if name in rows)]
    between = [c for c in rows.columns if c not in first and c not in last]
    return rows[[*first, *between, *last]]
