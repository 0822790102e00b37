"""What two splits have in common, subjects, studies, pictures: what was trained on is tested on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import combinations

import numpy as np

from c2seg_bench.data.checks.question import Finding, Look, Material, question
from c2seg_bench.data.source import SPLITS

NEAR_BITS = 6  # of 64, in which the difference hashes of one picture, saved twice, may differ
NEAR = 0.975  # correlation of their thumbnails; on QaTa all pairs above it that were looked at are one picture
BLOCK = 512


@question
def people(found: Material) -> list[Finding]:
    """Subjects and studies that two splits share, where names tell them."""
    return [*_common(found, "subjects", found.source.subject), *_common(found, "studies", found.source.study)]


def _common(found: Material, what: str, of: Callable[[str], str | None]) -> list[Finding]:
    known: dict[str, set[str]] = defaultdict(set)
    for record in found.records:
        if name := of(record.name):
            known[record.split].add(name)
    return [
        Finding(f"{len(both)} {what} are in both {a} and {b}", both)
        for a, b in combinations(SPLITS, 2)
        if (both := sorted(known[a] & known[b]))
    ]


@question
def same_pictures(found: Material) -> list[Finding]:
    """Pictures that are equal, pixel for pixel: a problem in two splits, a note in one."""
    first: dict[str, int] = {}
    pairs = []
    for i, _, look in found.readable():
        if look.sha in first:
            pairs.append((first[look.sha], i))
        first.setdefault(look.sha, i)
    return _told(found, pairs, "pictures are", problem=True)


@question
def near_pictures(found: Material) -> list[Finding]:
    """Pictures that are one picture to the eye: saved again, in another size, brightness or crop of a few pixels."""
    readable = list(found.readable())
    near = near_pairs([look for *_, look in readable])
    return _told(found, [(readable[a][0], readable[b][0]) for a, b in near], "near-duplicate pictures are")


def near_pairs(looks: list[Look]) -> list[tuple[int, int]]:
    """Pairs a < b with nearly the same difference hash and thumbnails that correlate, but not the same pixels.

    The hash (Krawetz 2013, "dHash": is a pixel of 9 x 8 brighter than its right neighbour?) finds candidates among all
    pairs at once; the correlation of 32 x 32 pixels tells one chest from another.
    """
    if len(looks) < 2:
        return []
    thumbs = np.stack([look.thumb for look in looks if look.thumb is not None]).astype(np.float32)
    hashes = np.array([_difference_hash(thumb) for thumb in thumbs], np.uint64)
    flat = thumbs.reshape(len(thumbs), -1)
    flat = flat - flat.mean(1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(looks), BLOCK):
        close = np.bitwise_count(hashes[start : start + BLOCK, None] ^ hashes[None]) <= NEAR_BITS
        a, b = np.nonzero(close)
        a += start
        a, b = a[a < b], b[a < b]
        alike = np.einsum("ij,ij->i", flat[a], flat[b]) >= NEAR
        pairs += [(int(i), int(j)) for i, j in zip(a[alike], b[alike], strict=True) if looks[i].sha != looks[j].sha]
    return pairs


def _difference_hash(thumb: np.ndarray) -> np.uint64:
    import cv2

    small = cv2.resize(thumb, (9, 8), interpolation=cv2.INTER_AREA)
    return np.packbits((small[:, 1:] > small[:, :-1]).ravel()).view(np.uint64)[0]


def _told(found: Material, pairs: list[tuple[int, int]], what: str, problem: bool = False) -> list[Finding]:
    """A finding for each two splits, which is a problem where so said, and a note for each split."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    folders: dict[tuple[str, str], str] = {}
    for pair in pairs:
        a, b = sorted((found.records[i] for i in pair), key=lambda r: SPLITS.index(r.split))
        places[a.split, b.split].append(f"{a.name} = {b.name}")
        folders[a.split, b.split] = f"{b.files[0].parent}: " if b.files else ""
    findings = []
    for splits, names in sorted(places.items(), key=lambda item: [SPLITS.index(s) for s in item[0]]):
        first, second = splits
        apart = first != second
        told = f"{len(names)} {what} {f'in both {first} and {second}' if apart else f'twice in {first}'}"
        if problem and apart:
            told = f"{folders[splits]}{told}, keep each in one of them"
        findings.append(Finding(told, sorted(names), problem and apart))
    return findings
