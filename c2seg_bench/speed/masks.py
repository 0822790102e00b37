"""The metrics beside medpy, MONAI, DeepMind's surface-distance, scipy and OpenCV, on masks of many kinds."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from c2seg_bench.speed.mask_pairs import KINDS, SIZES, VOLUME, Mask, Pair, pairs_of
from c2seg_bench.speed.mask_peers import DISTANCES, SCORES
from c2seg_bench.speed.ratio import Comparison, compare
from metrics import score_masks
from metrics.measuring import measure

PAIRS = 3  # of each kind
TIMES = 64  # that we score them at once: starting threads and making a table are part of it, as for many pairs
CORES = os.cpu_count() or 1
ALL_CORES = "metrics on all cores"
BLOBS = "blobs with stray pixels"


def comparisons() -> Iterator[Comparison]:
    """HD95, ASSD, Dice and IoU, and the distances alone, of pairs of each kind: ours, and by each peer."""
    works = [*((kind, size) for size in SIZES for kind in KINDS), (VOLUME, 0)]
    for kind, size in works:
        pairs = pairs_of(kind, size, PAIRS)
        many = pairs * TIMES
        work = f"{kind}, {'x'.join(map(str, pairs[0][0].shape))}"
        for peer, score in SCORES.items():
            theirs = partial(_each, score, pairs)
            row = compare("metrics", work, peer, partial(scores, many, 1), theirs, items=PAIRS, times=TIMES)
            yield row
            if peer == "medpy":
                seconds = _shortest_wall_time(partial(scores, many, CORES)) / TIMES
                yield replace(row, part=ALL_CORES, seconds=seconds)
        for peer, distances in DISTANCES.items() if kind != VOLUME else ():
            theirs = partial(_each, distances, pairs)
            yield compare("distances", work, peer, partial(_distances, many), theirs, items=PAIRS, times=TIMES)


def scores(pairs: list[Pair], workers: int) -> pd.DataFrame:
    """Ours, of all pairs at once."""
    preds, targets = zip(*pairs, strict=True)
    return score_masks(preds, targets, workers=workers)


def _distances(pairs: list[Pair]) -> object:
    return measure(pairs, [(1, 1)] * len(pairs))


def _each(score: Callable[[Mask, Mask], object], pairs: list[Pair]) -> None:
    for pair in pairs:
        score(*pair)


def _shortest_wall_time(work: Callable[[], object], rounds: int = 10) -> float:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def growth(counts: tuple[int, ...] = (500, 2000, 8000)) -> list[dict[str, Any]]:
    """Time and memory of `score_masks` for so many pairs of blobs; memory beyond the masks, in MiB."""
    some = pairs_of(BLOBS, 224, 20)
    rows = []
    for count in counts:
        preds, targets = ([some[i % len(some)][k] for i in range(count)] for k in (0, 1))
        tracemalloc.start()
        score_masks(preds, targets)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        start = time.perf_counter()
        score_masks(preds, targets)
        rows.append({"pairs": count, "seconds": time.perf_counter() - start, "mib": peak / 2**20})
    return rows
