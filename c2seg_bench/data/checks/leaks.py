"""Subjects, studies and images that two splits share, so that a model is tested on what it was trained on."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np

from c2seg_bench.data.checks.finding import CheckedPair, CheckedSet, Finding, dataset_check
from c2seg_bench.data.source import SPLITS

NEAR_BITS = 6  # of 64, in which the difference hashes of one image, saved twice, may differ
NEAR = 0.975  # correlation of their thumbnails; on QaTa all pairs above it that were inspected are one image
BLOCK = 512


@dataset_check
def people(dataset: CheckedSet) -> list[Finding]:
    """Subjects and studies that two splits share, where names or a column say which they are."""
    subjects = [record.subject for record in dataset.records]
    studies = [dataset.source.study(record.name) or "" for record in dataset.records]
    return [*_common(dataset, "subjects", subjects), *_common(dataset, "studies", studies)]


def _common(dataset: CheckedSet, what: str, groups: list[str]) -> list[Finding]:
    members: dict[str, set[str]] = defaultdict(set)
    for record, group in zip(dataset.records, groups, strict=True):
        if group:
            members[record.split].add(group)
    return [
        Finding(f"{len(both)} {what} are in both {a} and {b}", both)
        for a, b in combinations(SPLITS, 2)
        if (both := sorted(members[a] & members[b]))
    ]


@dataset_check
def same_images(dataset: CheckedSet) -> list[Finding]:
    """Images that are equal, pixel for pixel: a problem in two splits, a note in one."""
    first: dict[str, int] = {}
    equal = []
    for i, _, pair in dataset.readable():
        if pair.sha in first:
            equal.append((first[pair.sha], i))
        first.setdefault(pair.sha, i)
    return _overlap(dataset, equal, "images are", problem=True)


@dataset_check
def near_images(dataset: CheckedSet) -> list[Finding]:
    """Images that are one image to the eye: saved again, in another size, brightness or crop of a few pixels."""
    readable = list(dataset.readable())
    near = near_pairs([pair for *_, pair in readable])
    return _overlap(dataset, [(readable[a][0], readable[b][0]) for a, b in near], "near-duplicate images are")


def near_pairs(checked: list[CheckedPair]) -> list[tuple[int, int]]:
    """Pairs a < b with nearly the same difference hash and thumbnails that correlate, but not the same pixels.

    The hash (Krawetz 2013, "dHash": is a pixel of 9 x 8 brighter than its right neighbour?) finds candidates among all
    pairs at once; the correlation of 32 x 32 pixels distinguishes one chest from another.
    """
    if len(checked) < 2:
        return []
    thumbs = np.stack([pair.thumb for pair in checked if pair.thumb is not None]).astype(np.float32)
    hashes = np.array([_difference_hash(thumb) for thumb in thumbs], np.uint64)
    flat = thumbs.reshape(len(thumbs), -1)
    flat = flat - flat.mean(1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(checked), BLOCK):
        close = np.bitwise_count(hashes[start : start + BLOCK, None] ^ hashes[None]) <= NEAR_BITS
        a, b = np.nonzero(close)
        a += start
        a, b = a[a < b], b[a < b]
        alike = np.einsum("ij,ij->i", flat[a], flat[b]) >= NEAR
        pairs += [(int(i), int(j)) for i, j in zip(a[alike], b[alike], strict=True) if checked[i].sha != checked[j].sha]
    return pairs


def _difference_hash(thumb: np.ndarray) -> np.uint64:
    import cv2

    small = cv2.resize(thumb, (9, 8), interpolation=cv2.INTER_AREA)
    return np.packbits((small[:, 1:] > small[:, :-1]).ravel()).view(np.uint64)[0]


def _overlap(dataset: CheckedSet, pairs: list[tuple[int, int]], what: str, problem: bool = False) -> list[Finding]:
    """A finding for every two splits, a problem if `problem` says so, and a note for every split."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    folders: dict[tuple[str, str], str] = {}
    for pair in pairs:
        a, b = sorted((dataset.records[i] for i in pair), key=lambda r: SPLITS.index(r.split))
        places[a.split, b.split].append(f"{a.name} = {b.name}")
        folders[a.split, b.split] = f"{b.files[0].parent}: " if b.files else ""
    findings = []
    for splits, names in sorted(places.items(), key=lambda item: [SPLITS.index(s) for s in item[0]]):
        first, second = splits
        apart = first != second
        line = f"{len(names)} {what} {f'in both {first} and {second}' if apart else f'twice in {first}'}"
        if problem and apart:
            line = f"{folders[splits]}{line}, keep each in one of them"
        findings.append(Finding(line, sorted(names), problem and apart))
    return findings
