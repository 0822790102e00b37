"""The experts' masks that predictions are compared with, and the verdicts on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import Suite


@dataclass(frozen=True)
class Truth:
    """The experts' masks of a test split under their own prompts.

    Args:
        names, prompts: of the N images.
        masks: (N, S, S) bool.
        judge: of the dataset.
        cache_rows: (N,) which of the judge's images the masks belong to.
    """

    names: list[str]
    prompts: list[str]
    masks: NDArray[np.bool_]
    judge: Judge
    cache_rows: NDArray[np.int64]

    @classmethod
    def of_dataset(cls, suite: Suite, dataset: str, cache: Cache) -> Truth:
        judge, rows = Judge.of_dataset(suite.datasets[dataset], cache), cache.rows("test")
        names, prompts = (list(cache.index[column].iloc[rows]) for column in ("name", "prompt"))
        return cls(names, prompts, cache.masks[rows].astype(bool), judge, rows)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Verdicts on the masks, as `metrics.consistency.evaluate` gives them."""
        return self.judge.evaluate(self.masks, self.prompts, self.cache_rows).rows
