"""The metrics beside medpy, MONAI, DeepMind's surface-distance, scipy and OpenCV, on masks of many kinds."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

from c2seg_bench.speed.mask_pairs import KINDS, SIZES, VOLUME, Mask, Pair, pairs_of
from c2seg_bench.speed.mask_peers import DISTANCES, SCORES, by_medpy
from c2seg_bench.speed.ratio import Comparison, compare
from metrics import score_masks
from metrics.pair import MaskPair
from metrics.table import score_pair

PAIRS = 3  # of each kind
BLOBS = "blobs with stray pixels"


def comparisons() -> Iterator[Comparison]:
    """HD95, ASSD, Dice and IoU, and the distances alone, of pairs of each kind: here, and by each peer."""
    works = [*((kind, size) for size in SIZES for kind in KINDS), (VOLUME, 0)]
    for kind, size in works:
        pairs = pairs_of(kind, size, PAIRS)
        work = f"{kind}, {'x'.join(map(str, pairs[0][0].shape))}"
        for peer, score in SCORES.items():
            yield compare("metrics", work, peer, partial(scores, pairs), partial(_each, score, pairs), items=PAIRS)
        for peer, distances in DISTANCES.items() if kind != VOLUME else ():
            own, theirs = partial(_each, _distances, pairs), partial(_each, distances, pairs)
            yield compare("distances", work, peer, own, theirs, items=PAIRS)


def _each(score: Callable[[Mask, Mask], object], pairs: list[Pair]) -> None:
    for pair in pairs:
        score(*pair)


def _distances(pred: Mask, target: Mask) -> object:
    return MaskPair(pred, target).distances


def scores(pairs: list[Pair]) -> list[dict[str, float]]:
    """Ours, one pair after another on one core."""
    return [score_pair(*pair, spacing=(1,) * pair[0].ndim) for pair in pairs]


def times_medpy(workers: int, count: int = 200, rounds: int = 5) -> float:
    """How many times as long medpy takes on one core for blobs of 224x224 as `score_masks` on `workers` cores.

    Wall time, the median of a few rounds in turns: on a machine that is busy with other things too, less.
    """
    pairs = pairs_of(BLOBS, 224, 20)
    preds, targets = ([pairs[i % len(pairs)][k] for i in range(count)] for k in (0, 1))
    ratios = []
    for _ in range(rounds):
        start = time.perf_counter()
        score_masks(preds, targets, workers=workers)
        own = (time.perf_counter() - start) / count
        start = time.perf_counter()
        _each(by_medpy, pairs)
        ratios.append((time.perf_counter() - start) / len(pairs) / own)
    return median(ratios)


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
