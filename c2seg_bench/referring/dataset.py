"""The examples of a prepared dataset's split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.sources.phantom import STYLE_OF_SOURCE, look_alikes
from c2seg_bench.referring.example import KINDS, Survey
from c2seg_bench.referring.generate import survey
from c2seg_bench.scoring.judge import Judge


def survey_rows(
    cache: Cache, judge: Judge, rows: NDArray[np.int64], kinds: Sequence[str] = KINDS, limit: int | None = None
) -> Survey:
    """What these n rows of a cache admit; the row of an example is its position among them, 0 to n - 1.

    Args:
        judge: of the cache's dataset, whose pictures are those of the cache.
        limit: examples of one kind and picture at most.

    Raises:
        InputError: as `survey`.
    """
    names, prompts = (list(cache.index[column].iloc[rows]) for column in ("name", "prompt"))
    unnamed = unnamed_lesions(cache, rows)
    return survey(cache.masks[rows], prompts, judge, names, kinds, limit=limit, rows=rows, unnamed=unnamed)


def unnamed_lesions(cache: Cache, rows: NDArray[np.int64]) -> list[NDArray[np.bool_]] | None:
    """Masks (S, S) of the lesions that only another prompt would name, in these rows; None if there are none.

    The embedded pictures have look-alikes: what is a lesion is up to the prompt, so a prompt that names the place of a
    look-alike has that as its answer.
    """
    style = STYLE_OF_SOURCE.get(cache.manifest["source"])
    if style is None:
        return None
    return [look_alikes(style, name, cache.masks.shape[1]) for name in cache.index["name"].iloc[rows]]
