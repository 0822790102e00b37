"""Pairs of masks of many kinds, easy and hard for a measurement of distances, the same in every run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Mask = NDArray[np.bool_]
Pair = tuple[Mask, Mask]
SIZES = (224, 512)
VOLUME = "blobs in a volume"


def blobs(draw: np.random.Generator, *shape: int, stray: float = 0.0) -> Pair:
    """Two outlines of one smooth blob that nearly agree; a share `stray` of the second's pixels is flipped."""
    field = gaussian_filter(draw.standard_normal(shape), shape[-1] / 16)
    change = gaussian_filter(draw.standard_normal(shape), 3)
    other = field + 0.2 * field.std() * change / change.std()
    first, second = (f > np.quantile(f, 0.9) for f in (field, other))
    return first, second ^ (draw.random(shape) < stray)


def _disc(size: int, row: float, column: float, radius: float) -> Mask:
    y, x = np.mgrid[:size, :size]
    return (y - row * size) ** 2 + (x - column * size) ** 2 < (radius * size) ** 2


def _speckled(draw: np.random.Generator, size: int, share: float) -> Mask:
    return draw.random((size, size)) < share


def _checkerboard(size: int, columns: int) -> Mask:
    y, x = np.mgrid[:size, :size]
    return ((x + y) % 2 == 0) & (x < columns)


def _last_column(size: int) -> Mask:
    return np.arange(size) == np.full((size, 1), size - 1)


def _stripes(size: int) -> Pair:
    y, x = np.mgrid[:size, :size]
    return x % 4 == 0, y % 4 == 0


def _pixel(size: int, at: int) -> Mask:
    mask = np.zeros((size, size), bool)
    mask[at, at] = True
    return mask


def _many_components(draw: np.random.Generator, size: int) -> Pair:
    field = gaussian_filter(draw.standard_normal((size, size)), size / 16)
    return (field > np.median(field)) & _speckled(draw, size, 0.7), _speckled(draw, size, 0.5)


KINDS: dict[str, Callable[[np.random.Generator, int], Pair]] = {
    "blobs that nearly agree": lambda draw, size: blobs(draw, size, size),
    "blobs with stray pixels": lambda draw, size: blobs(draw, size, size, stray=0.0005),
    "discs far apart": lambda draw, size: (_disc(size, 0.1, 0.1, 0.08), _disc(size, 0.9, 0.9, 0.08)),
    "salt noise, half the pixels": lambda draw, size: (_speckled(draw, size, 0.5), _speckled(draw, size, 0.5)),
    "salt noise and a far lesion": lambda draw, size: (_speckled(draw, size, 0.5), _disc(size, 0.95, 0.95, 0.02)),
    "specks": lambda draw, size: (_speckled(draw, size, 0.01), _speckled(draw, size, 0.01)),
    "specks and a far lesion": lambda draw, size: (_speckled(draw, size, 0.01), _disc(size, 0.95, 0.95, 0.02)),
    "checkerboard and a far column": lambda draw, size: (_checkerboard(size, size), _last_column(size)),
    "half a checkerboard and a far column": lambda draw, size: (_checkerboard(size, size // 2), _last_column(size)),
    "thin stripes across stripes": lambda draw, size: _stripes(size),
    "full mask and a pixel": lambda draw, size: (np.ones((size, size), bool), _pixel(size, 0)),
    "many components": _many_components,
}


def pairs_of(kind: str, size: int, count: int) -> list[Pair]:
    """`count` pairs of (size, size), of a kind in KINDS; of VOLUME they are (32, 64, 64) whatever the size."""
    draw = np.random.default_rng(0)
    if kind == VOLUME:
        return [blobs(draw, 32, 64, 64, stray=0.0005) for _ in range(count)]
    return [KINDS[kind](draw, size) for _ in range(count)]
