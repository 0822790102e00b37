"""How sure a mean is, and which methods can be told apart: bootstrap over images, with seeds nested.

All draws of one call use the same images for every array, so differences are paired. Resampling is done with counts
(how often each image was drawn): the means of all draws are then one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.errors import InputError

CHUNK = 1 << 21  # image counts held at once: 16 MB
Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class _Triple(NamedTuple):
    mean: float
    lo: float
    hi: float


class Interval(_Triple):
    """(mean, lo, hi), and beside the tuple `n`, the images used, and `dropped`, those without a value."""

    n: int
    dropped: int

    def __new__(cls, mean: float, lo: float, hi: float, n: int = 0, dropped: int = 0) -> Interval:
        self = super().__new__(cls, mean, lo, hi)
        self.n, self.dropped = n, dropped
        return self


def bootstrap_mean(values: ArrayLike, seed: int, n: int = 2000, level: float = 0.95) -> Interval:
    """Mean over images with its percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13).

    Args:
        values: (N,) one value per image, or (S, N) for S training seeds of one method; then each draw resamples
            seeds and images, crossed. nan: the image has no value, and is left out.
        seed: of the draws; the same seed and N draw the same images.
        n: number of draws.
        level: of the interval.

    Returns:
        (mean, lo, hi), all nan when no image has a value; `.n` images used, `.dropped` images left out.

    Raises:
        InputError: not one or two axes, an infinite value, n or level out of range.
    """
    return bootstrap_statistics([[values]], {"mean": lambda means: means[..., 0]}, seed, n, level)["mean"]


def bootstrap_statistics(
    groups: Sequence[Sequence[ArrayLike]],
    statistics: Mapping[str, Statistic],
    seed: int,
    n: int = 2000,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Functions of means, such as a ratio of two, with their percentile bootstrap intervals from the same draws.

    Args:
        groups: the arrays of each method, (N,) or (S, N) of its S training seeds. A draw takes the same images for all
            arrays, and the same seeds for those of a group. An image without a value in any array is left out.
        statistics: name -> function of the means (..., M) of all M arrays, in their order, that returns (...); nan
            where it is not defined. It is called with the means themselves (M,) and with those of draws (n, M).
        seed, n, level: as in `bootstrap_mean`.

    Returns:
        name -> (value, lo, hi), the interval that of the draws in which the function is defined.

    Raises:
        InputError: as `bootstrap_mean`, and different numbers of images, or of seeds within a group.
    """
    arrays, dropped = _kept([array for group in groups for array in group])
    draws = _draws(arrays, [len(group) for group in groups], seed, n, level)
    means = np.array([_mean(a) for a in arrays])
    return {
        name: Interval(*_interval(float(of(means)), of(draws), level), arrays[0].shape[1], dropped)
        for name, of in statistics.items()
    }


def paired_difference(a: ArrayLike, b: ArrayLike, seed: int, n: int = 2000, level: float = 0.95) -> Interval:
    """Mean of a - b over the same images with its paired bootstrap interval; 0 outside of it: they differ.

    Args:
        a: (N,) or (S, N), as in `bootstrap_mean`.
        b: (N,) or (S', N), the same images in the same order. Seeds are drawn for each of the two on its own.
        seed, n, level: as in `bootstrap_mean`.

    Returns:
        (mean, lo, hi) in the unit of the values; images without a value in either are `.dropped`.

    Raises:
        InputError: as `bootstrap_mean`, and different numbers of images.
    """
    difference = {"difference": lambda means: means[..., 0] - means[..., 1]}
    return bootstrap_statistics([[a], [b]], difference, seed, n, level)["difference"]


def bootstrap_corrected(
    score: ArrayLike, chance: ArrayLike, ceiling: ArrayLike, seed: int, n: int = 2000, level: float = 0.95
) -> Interval:
    """Chance-corrected consistency, (score - chance) / (ceiling - chance) of the means, with its interval.

    Args:
        score: (N,) or (S, N) of a method; nan where the prompt states nothing.
        chance: the shape of score: the same masks against everybody else's prompts.
        ceiling: (N,) the experts' masks under the same prompts.
        seed, n, level: as in `bootstrap_mean`; each draw takes the same images and seeds for all three.

    Returns:
        (value, lo, hi): 1 as consistent as the experts, 0 as with somebody else's prompt; nan when no image has all
        three, or when experts do no better than chance. An interval is that of the draws where they do.

    Raises:
        InputError: as `bootstrap_mean`, and different numbers of images.
    """
    found = bootstrap_statistics([[score, chance], [ceiling]], {"corrected": _corrected}, seed, n, level)
    return found["corrected"]


def _corrected(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """(score - chance) / (ceiling - chance) of the means (..., 3); nan where experts do no better than chance."""
    gain, room = means[..., 0] - means[..., 1], means[..., 2] - means[..., 1]
    return np.divide(gain, room, out=np.full(np.shape(gain), np.nan), where=room > 0)


def tie_groups(
    values: Mapping[str, ArrayLike], seed: int, higher_is_better: bool = True, n: int = 2000, level: float = 0.95
) -> dict[str, str]:
    """A letter per method, best first: methods that the paired bootstrap cannot tell from the best share its letter.

    The best of those left opens the next letter, and so on. Two methods of one letter are each tied with that
    letter's best, not always with one another; intervals are not widened for the number of comparisons.

    Args:
        values: method -> (N,) or (S, N) on the same images. An image without a value in one method is left out.
        higher_is_better: False for distances.
        seed, n, level: as in `bootstrap_mean`.

    Returns:
        method -> "a", "b", ..., ordered from best to worst mean.

    Raises:
        InputError: as `bootstrap_mean`; no image that all methods have a value for.
    """
    names, means, draws = _methods(values, seed, n, level, higher_is_better)
    left = sorted(range(len(names)), key=lambda m: -means[m])
    order = list(left)
    letters: dict[int, str] = {}
    while left:
        best, letter = left[0], _letter(len(set(letters.values())))
        low = np.quantile(draws[:, [best]] - draws[:, left], (1 - level) / 2, axis=0)
        tied = {m for m, at in zip(left, low, strict=True) if m == best or at <= 0}
        letters.update(dict.fromkeys(tied, letter))
        left = [m for m in left if m not in tied]
    return {names[m]: letters[m] for m in order}


def rank_intervals(
    values: Mapping[str, ArrayLike], seed: int, higher_is_better: bool = True, n: int = 2000, level: float = 0.95
) -> dict[str, tuple[int, int]]:
    """The ranks (1 is best) that each method takes in `level` of the draws; arguments as in `tie_groups`."""
    names, _, draws = _methods(values, seed, n, level, higher_is_better)
    ranks = 1 + (draws[:, None, :] > draws[:, :, None]).sum(axis=2)
    tail = (1 - level) / 2
    low = np.quantile(ranks, tail, axis=0, method="inverted_cdf")
    high = np.quantile(ranks, 1 - tail, axis=0, method="inverted_cdf")
    return {name: (int(a), int(b)) for name, a, b in zip(names, low, high, strict=True)}


def _methods(
    values: Mapping[str, ArrayLike], seed: int, n: int, level: float, higher_is_better: bool
) -> tuple[list[str], list[float], NDArray[np.float64]]:
    """Names, means and draws (n, M) of the methods, higher being better."""
    if not values:
        return [], [], np.empty((n, 0))
    arrays, _ = _kept(list(values.values()))
    if not arrays[0].shape[1]:
        raise InputError(f"no image has a value for all of {', '.join(values)}; fill empty masks first (fill_empty)")
    sign = 1.0 if higher_is_better else -1.0
    return list(values), [sign * _mean(a) for a in arrays], sign * _draws(arrays, [1] * len(arrays), seed, n, level)


def _letter(k: int) -> str:
    return chr(ord("a") + k) if k < 26 else _letter(k // 26 - 1) + _letter(k % 26)


def _kept(values: Sequence[ArrayLike]) -> tuple[list[NDArray[np.float64]], int]:
    """Arrays (S, N) of the images that have a value in each of them, and the number of images left out."""
    arrays = [np.asarray(v, float) for v in values]
    for array in arrays:
        if array.ndim not in (1, 2):
            raise InputError(f"values of shape {array.shape}; give (N,), or (seeds, N)")
        if np.isinf(array).any():
            raise InputError("an infinite value; a mean of it says nothing, mark it nan or give it a number")
    arrays = [np.atleast_2d(a) for a in arrays]
    sizes = {a.shape[1] for a in arrays}
    if len(sizes) > 1:
        raise InputError(f"values of {' and '.join(map(str, sorted(sizes)))} images; give the same images to each")
    keep = np.logical_and.reduce([np.isfinite(a).any(axis=0) for a in arrays])
    return [a[:, keep] for a in arrays], int((~keep).sum())


def _mean(array: NDArray[np.float64]) -> float:
    return float(np.nanmean(array)) if array.size else float("nan")


def _draws(
    arrays: list[NDArray[np.float64]], groups: Sequence[int], seed: int, n: int, level: float
) -> NDArray[np.float64]:
    """Means (n, M) of the M arrays (S, N) in n draws of images, shared by all, and of seeds, shared by a group.

    `groups`: how many of the arrays, in their order, belong to each group.
    """
    if n < 1 or not 0 < level < 1:
        raise InputError(f"n is {n}, level {level}; give n of 1 or more and a level between 0 and 1")
    images = arrays[0].shape[1]
    out = np.full((n, len(arrays)), np.nan)
    if not images:
        return out
    # two streams, so that what is drawn does not depend on the size of a chunk
    for_images, for_seeds = np.random.default_rng(seed).spawn(2)
    weights = _seed_counts([len(a) for a in arrays], groups, n, for_seeds)
    rows = np.concatenate(arrays)
    there = np.isfinite(rows)
    values, known = np.where(there, rows, 0.0).T, there.T.astype(float)
    starts = np.cumsum([0, *(len(a) for a in arrays[:-1])])
    for part, counts in _image_counts(images, n, for_images):
        total = np.add.reduceat(weights[part] * (counts @ values), starts, axis=1)
        number = np.add.reduceat(weights[part] * (counts @ known), starts, axis=1)
        out[part] = np.divide(total, number, out=out[part], where=number > 0)
    return out


def _seed_counts(seeds: list[int], groups: Sequence[int], n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n, sum of seeds): how often each seed of each array was drawn; arrays of a group were drawn together."""
    weights: list[NDArray] = []
    for size in groups:
        own = seeds[len(weights) : len(weights) + size]
        if len(set(own)) > 1:
            raise InputError(f"arrays of one group have {' and '.join(map(str, own))} seeds; give the same to each")
        weights += [rng.multinomial(own[0], np.full(own[0], 1 / own[0]), size=n)] * size
    return np.concatenate(weights, axis=1).astype(float)


def _image_counts(images: int, n: int, rng: np.random.Generator) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """(rows, how often each image was drawn (rows, images)), in chunks that fit in memory."""
    size = max(1, CHUNK // images)
    for start in range(0, n, size):
        rows = slice(start, min(start + size, n))
        count = rows.stop - start
        drawn = rng.integers(0, images, size=(count, images)) + images * np.arange(count)[:, None]
        yield rows, np.bincount(drawn.ravel(), minlength=count * images).reshape(count, images).astype(float)


def _interval(mean: float, draws: NDArray[np.float64], level: float) -> tuple[float, float, float]:
    draws = draws[np.isfinite(draws)]
    if not draws.size:
        return mean, float("nan"), float("nan")
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return mean, float(low), float(high)
