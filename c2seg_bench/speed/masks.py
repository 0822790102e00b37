"""The metrics beside medpy, MONAI and scipy, on masks of many kinds."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from c2seg_bench.speed.ratio import Comparison, compare
from metrics import score_masks
from metrics.table import score_pair

Mask = np.ndarray
SIDE, PAIRS = 224, 5


def blobs(draw: np.random.Generator, *shape: int, share: float = 0.1) -> tuple[Mask, Mask]:
    """Two outlines of one smooth blob that nearly agree, with stray pixels on the second."""
    field = gaussian_filter(draw.standard_normal(shape), shape[-1] / 16)
    other = field + 0.2 * field.std() * _unit(gaussian_filter(draw.standard_normal(shape), 3))
    first, second = (f > np.quantile(f, 1 - share) for f in (field, other))
    return first, second ^ (draw.random(shape) < 0.0005)


def _unit(field: Mask) -> Mask:
    return field / field.std()


def _specks(draw: np.random.Generator) -> tuple[Mask, Mask]:
    pair = np.zeros((2, SIDE, SIDE), bool)
    for mask in pair:
        mask[tuple(draw.integers(SIDE, size=(2, 4)))] = True
    return pair[0], pair[1]


def _salt(draw: np.random.Generator) -> tuple[Mask, Mask]:
    return draw.random((SIDE, SIDE)) < 0.5, draw.random((SIDE, SIDE)) < 0.5


def _full(draw: np.random.Generator) -> tuple[Mask, Mask]:
    return np.ones((SIDE, SIDE), bool), draw.random((SIDE, SIDE)) < 0.99


def _thin(draw: np.random.Generator) -> tuple[Mask, Mask]:
    pair = np.zeros((2, SIDE, SIDE), bool)
    pair[0, draw.integers(SIDE)] = pair[1, :, draw.integers(SIDE)] = True
    return pair[0], pair[1]


def _many(draw: np.random.Generator) -> tuple[Mask, Mask]:
    return blobs(draw, SIDE, SIDE, share=0.5)[0] & (draw.random((SIDE, SIDE)) < 0.7), _salt(draw)[0]


KINDS: dict[str, Callable[[np.random.Generator], tuple[Mask, Mask]]] = {
    "blobs, 224x224": lambda draw: blobs(draw, SIDE, SIDE),
    "blobs, 512x512": lambda draw: blobs(draw, 512, 512),
    "specks": _specks,
    "salt noise": _salt,
    "full": _full,
    "thin lines": _thin,
    "many components": _many,
    "volume, 32x64x64": lambda draw: blobs(draw, 32, 64, 64),
}


def pairs_of(kind: str, count: int = PAIRS) -> list[tuple[Mask, Mask]]:
    """Pairs of one kind, the same in every run."""
    draw = np.random.default_rng(0)
    return [KINDS[kind](draw) for _ in range(count)]


def comparisons() -> Iterator[Comparison]:
    """HD95, ASSD, Dice and IoU of pairs of each kind: here, and by each peer."""
    for kind in KINDS:
        pairs = pairs_of(kind)
        for peer, score in PEERS.items():
            yield compare("metrics", kind, peer, partial(scores, pairs), partial(_each, score, pairs))


def _each(score: Callable[[Mask, Mask], object], pairs: list[tuple[Mask, Mask]]) -> None:
    for pair in pairs:
        score(*pair)


def scores(pairs: list[tuple[Mask, Mask]]) -> list[dict[str, float]]:
    """Ours, one pair after another on one core."""
    return [score_pair(*pair, spacing=(1,) * pair[0].ndim) for pair in pairs]


def by_medpy(pred: Mask, target: Mask) -> tuple[float, ...]:
    """HD95, ASSD, Dice, IoU."""
    from medpy.metric import binary

    return tuple(f(pred, target) for f in (binary.hd95, binary.assd, binary.dc, binary.jc))


def by_monai(pred: Mask, target: Mask) -> tuple[float, ...]:
    """HD95 (the larger of both directions), ASSD, Dice, IoU."""
    import torch
    from monai.metrics import compute_average_surface_distance, compute_dice, compute_hausdorff_distance, compute_iou

    one, other = (torch.from_numpy(m)[None, None].float() for m in (pred, target))
    return (
        float(compute_hausdorff_distance(one, other, include_background=True, percentile=95)),
        float(compute_average_surface_distance(one, other, include_background=True, symmetric=True)),
        float(compute_dice(one, other)),
        float(compute_iou(one, other)),
    )


PEERS: dict[str, Callable[[Mask, Mask], tuple[float, ...]]] = {"medpy": by_medpy, "MONAI": by_monai}


def growth(counts: tuple[int, ...] = (500, 2000, 8000)) -> list[dict[str, Any]]:
    """Time and memory of `score_masks` for so many pairs of blobs; memory beyond the masks, in MiB."""
    some = pairs_of("blobs, 224x224", 20)
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
