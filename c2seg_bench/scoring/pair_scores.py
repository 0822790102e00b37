"""From pairs of mask files to rows of metrics, in parallel."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd

from c2seg_bench.data.masks.packed import PackedList
from c2seg_bench.data.pairing.pairs import MaskPairs
from metrics.catalogue import Metric, with_default
from metrics.table import score_pair, table_of

Progress = Callable[[int, int, dict[str, float]], None]  # pairs that are done, all pairs, the last pair's scores


class PairScores(NamedTuple):
    """N rows of `metrics.score_masks`; the predictions and targets (H, W) bool, empty if they were not kept."""

    rows: pd.DataFrame
    predictions: PackedList
    targets: PackedList


def score_pairs(
    pairs: MaskPairs,
    keep_masks: bool,
    workers: int | None = None,
    metrics: Sequence[Metric] = with_default(),
    spacings: np.ndarray | None = None,
    progress: Progress | None = None,
) -> PairScores:
    """Read and score the pairs.

    Args:
        pairs: N of them.
        keep_masks: whether to return the masks; if not, only one pair per thread is in memory.
        workers: threads; by default one per core.
        metrics: of masks.
        spacings: (N, axes) of a pixel; None: 1.
        progress: called after each pair, in their order.

    Raises:
        InputError: a file cannot be read or scored; the message names it.
    """

    def score(i: int) -> tuple[dict[str, float], PackedList]:
        masks = pairs.read(i)
        steps = (1, 1) if spacings is None else spacings[i]
        return score_pair(*masks, spacing=steps, metrics=metrics), PackedList(masks if keep_masks else ())

    scored = []
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for row, masks in pool.map(score, range(len(pairs))):
            scored.append((row, masks))
            if progress is not None:
                progress(len(scored), len(pairs), row)
    pairs.warn()
    rows = table_of([row for row, _ in scored], metrics)
    pairs.check_labels(rows["target_empty"].to_numpy() == 1)
    kept = [both for _, both in scored if len(both)]
    return PairScores(rows, PackedList.joined(both[:1] for both in kept), PackedList.joined(both[1:] for both in kept))
