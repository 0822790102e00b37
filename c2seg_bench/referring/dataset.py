"""The edited prompts that a prepared dataset's split allows."""

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
    """Examples and refusals for n rows of a cache. `Example.row` counts within `rows`, from 0 to n - 1.

    Args:
        cache: a prepared dataset.
        judge: of the same dataset.
        rows: (n,) rows of the cache.
        kinds: some of `KINDS`.
        limit: most examples per kind and image; None: all.

    Raises:
        InputError: as `survey`.
    """
    names, prompts = (list(cache.index[column].iloc[rows]) for column in ("name", "prompt"))
    unnamed = unnamed_lesions(cache, rows)
    return survey(cache.masks[rows], prompts, judge, names, kinds, limit=limit, rows=rows, unnamed=unnamed)


def unnamed_lesions(cache: Cache, rows: NDArray[np.int64]) -> list[NDArray[np.bool_]] | None:
    """Masks (S, S) of the lesions that the true prompts do not name; None for data that has none.

    The embedded images contain look-alikes, and the prompt decides which of them are lesions. A prompt that names the
    place of a look-alike would therefore have that look-alike as its answer.
    """
    style = STYLE_OF_SOURCE.get(cache.manifest["source"])
    if style is None:
        return None
    return [look_alikes(style, name, cache.masks.shape[1]) for name in cache.index["name"].iloc[rows]]
