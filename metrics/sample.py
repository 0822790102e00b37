"""Per-image values of several arrays on the same images, with the subjects of the images and the seeds of trainings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import numbers
from metrics.errors import InputError

MIN_SEEDS = 3  # with fewer, it is not estimated how trainings differ
LARGEST = 1e100  # of any value, so that no square overflows
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """M arrays of per-image values on the N images for which all of them have one.

    Args:
        arrays: M of (S, N), for S seeds of a training; nan if a seed has no value for an image.
        groups: number of arrays of each training, in their order.
        subject: (N,) number of each image's subject, from 0.
        dropped: number of images left out.
        seeds: number of seeds of the training with the fewest; 1 if no array has an axis of seeds.
    """

    arrays: list[Floats]
    groups: list[int]
    subject: NDArray[np.int64]
    dropped: int
    seeds: int

    @classmethod
    def of(cls, groups: Sequence[Sequence[ArrayLike]], subjects: ArrayLike | None = None) -> Sample:
        """From the arrays of each training.

        Args:
            groups: the arrays of each training, (N,) or (S, N).
            subjects: (N,) name of each image's subject; an image without a name, or None for all, is its own subject.

        Raises:
            InputError: no array, other shapes, an infinite value, different numbers of images, or of seeds within a
                group.
        """
        arrays = [_checked(array) for group in groups for array in group]
        if not arrays:
            raise InputError("no array of values; give one or more")
        seeds = min((len(a) for a in arrays if a.ndim == 2), default=1)
        arrays = [np.atleast_2d(a) for a in arrays]
        sizes = {a.shape[1] for a in arrays}
        if len(sizes) > 1:
            raise InputError(f"values of {' and '.join(map(str, sorted(sizes)))} images; give the same images to each")
        start = 0
        for group in groups:
            counts = [len(a) for a in arrays[start : start + len(group)]]
            start += len(group)
            if len(set(counts)) > 1:
                raise InputError(
                    f"arrays of one group have {' and '.join(map(str, counts))} seeds; give the same to each"
                )
        keep = np.logical_and.reduce([np.isfinite(a).any(axis=0) for a in arrays])
        subject = _subject_numbers(subjects, keep)
        return cls([a[:, keep] for a in arrays], [len(g) for g in groups], subject, int((~keep).sum()), seeds)

    @property
    def images(self) -> int:
        """N."""
        return len(self.subject)

    @cached_property
    def shares(self) -> Floats:
        """(M, G) what each of G subjects contributes to each mean: its values' deviations from it, over all values."""
        known = [np.isfinite(a) for a in self.arrays]
        deviations = [
            np.where(k, a - mean, 0.0).sum(axis=0) for a, k, mean in zip(self.arrays, known, self.means, strict=True)
        ]
        return self.by_subject(np.stack(deviations)) / np.array([[k.sum()] for k in known])

    @cached_property
    def trainings(self) -> list[tuple[slice, Floats, Floats]]:
        """How the seeds of each training with three or more differ.

        Returns:
            For each: the slice of its A arrays; (A, S) deviation of each seed's mean from the mean; and (A, S, G) what
            neither seed nor image explains, summed over the images of each subject.
        """
        trainings, start = [], 0
        for size in self.groups:
            own = slice(start, start + size)
            start += size
            if not self.images or len(self.arrays[own.start]) < MIN_SEEDS:
                continue
            trainings.append((own, *seed_deviations(np.stack(self.arrays[own]), self)))
        return trainings

    @cached_property
    def subjects(self) -> int:
        """G, the number of subjects."""
        return int(self.subject.max()) + 1 if self.images else 0

    @cached_property
    def means(self) -> Floats:
        """(M,) over images and seeds; nan where there is no image."""
        return np.array([mean_of(a, (0, 1)).item() for a in self.arrays])

    def by_subject(self, values: Floats) -> Floats:
        """Sums over the images of each subject: (..., N) -> (..., G)."""
        if self.subjects == self.images and (self.subject == np.arange(self.images)).all():
            return values
        flat = values.reshape(-1, self.images)
        sums = np.array([np.bincount(self.subject, row, self.subjects) for row in flat])
        return sums.reshape(*values.shape[:-1], self.subjects)


def same_images(samples: Sequence[Sample]) -> list[list[int]]:
    """Positions of the samples with the same subject for each of their images, which can share draws and sums."""
    groups: dict[bytes, list[int]] = {}
    for k, sample in enumerate(samples):
        groups.setdefault(sample.subject.tobytes(), []).append(k)
    return list(groups.values())


def stacks(samples: Sequence[Sample]) -> Iterator[tuple[list[int], Floats]]:
    """Samples of the same images with one array each, by their number of seeds: positions of K, and (K, S, N)."""
    by_count: dict[int, list[int]] = {}
    for k, sample in enumerate(samples):
        by_count.setdefault(len(sample.arrays[0]), []).append(k)
    for positions in by_count.values():
        yield positions, np.stack([samples[k].arrays[0] for k in positions])


def seed_deviations(arrays: Floats, sample: Sample) -> tuple[Floats, Floats]:
    """How the seeds of trainings differ.

    Args:
        arrays: (A, S, N) on the images of the sample.
        sample: says which subject each image is of.

    Returns:
        (A, S) deviation of each seed's mean from the mean of all; and (A, S, G) what neither seed nor image explains,
        summed over the images of each subject.
    """
    of_seed, of_image, mean = (mean_of(arrays, axis) for axis in (2, 1, (1, 2)))
    rest = np.nan_to_num(arrays - of_seed - of_image + mean)
    return (of_seed - mean)[:, :, 0], sample.by_subject(rest)


def mean_of(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """As `np.nanmean` with `keepdims=True`, without its checks, which take longer than the mean of few values."""
    known = np.isfinite(values)
    number = known.sum(axis=axis, keepdims=True)
    total = np.where(known, values, 0.0).sum(axis=axis, keepdims=True)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def finite_quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    """(shares, K) quantiles of the finite ones of values (n, K) in each column; nan where none is finite."""
    finite = np.isfinite(values)
    whole = finite.all(axis=0)
    quantiles = np.full((len(shares), values.shape[1]), np.nan)
    quantiles[:, whole] = np.quantile(values[:, whole], shares, axis=0)
    for k in np.flatnonzero(~whole & finite.any(axis=0)):
        quantiles[:, k] = np.quantile(values[finite[:, k], k], shares)
    return quantiles


def _checked(values: ArrayLike) -> Floats:
    array = numbers(values, "values")
    if array.ndim not in (1, 2):
        raise InputError(f"values of shape {array.shape}; give (N,), or (seeds, N)")
    if (np.abs(array) > LARGEST).any():
        raise InputError(f"an infinite value, or beyond {LARGEST:g}: a mean of it says nothing, mark it nan")
    return array


def _subject_numbers(subjects: ArrayLike | None, keep: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N kept,) number of each kept image's subject; an image whose subject has no name is its own subject."""
    if subjects is None:
        return np.arange(int(keep.sum()))
    names = np.asarray(subjects, dtype=object)
    if names.shape != keep.shape:
        raise InputError(f"{names.size} subjects for {keep.size} images; give one per image")
    keys = [(str(name), -1) if _is_name(name) else ("", i) for i, name in enumerate(names)]
    number_of_key: dict[tuple[str, int], int] = {}
    return np.array([number_of_key.setdefault(keys[i], len(number_of_key)) for i in np.flatnonzero(keep)], np.int64)


def _is_name(name: object) -> bool:
    return name is not None and name == name and str(name).strip() != ""
