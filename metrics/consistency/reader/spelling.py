"""Corrects a misspelled word to the ontology's word with the fewest typing errors, unless that is uncertain."""

from __future__ import annotations

from functools import cache, lru_cache

import numba
import numpy as np
from numpy.typing import NDArray

from metrics.consistency.reader.ontology import Ontology

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SLIP = 0.5  # cost of a neighbouring key, a doubled letter or two letters swapped; any other edit costs 1
MARGIN = 0.5  # nothing is corrected if a word of opposite meaning costs at most this more
LONGEST = 32
SCANNED = str.maketrans("015", "ols")  # digits that are letters misread


@lru_cache(maxsize=1 << 16)
def correct(word: str, ontology: Ontology) -> tuple[str, ...]:
    """The words that an unknown word stands for.

    Args:
        word: lower case, not in the ontology.

    Returns:
        One word for a misspelling ("uooer" -> upper), several for words run together ("lowerright" -> lower, right), or
        none: for a plain word, a word too far from all, or one equally close to two that exclude each other.
    """
    read = word.translate(SCANNED)
    if read != word and (read in ontology.words or read in ontology.typos):
        return (read,)  # "l0wer", "1eft"
    known = word in ontology.plain or word in ontology.typos
    if known or not 2 <= len(word) <= LONGEST or not word.isalpha() or not word.isascii():
        return ()
    parts = split(word, ontology)
    if parts:
        return parts
    corrected = nearest(word, ontology)
    if corrected:
        return (corrected,)
    return nearest_pair(word, ontology) if len(word) > 5 else ()


def split(word: str, ontology: Ontology) -> tuple[str, ...]:
    """The word split into two or more of the words that may be run together; empty if that is impossible."""
    parts_up_to: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(end - 1, -1, -1):
            before = parts_up_to[start]
            if before is not None and word[start:end] in ontology.joined:
                parts_up_to[end] = (*before, word[start:end])
    return parts_up_to[-1] or ()


def nearest(word: str, ontology: Ontology) -> str:
    """The word of the ontology with the least cost, or "" if none is close enough, or its opposite is as close."""
    costs = distances(word, ontology.typos)
    limit = [SLIP if len(c) < 4 else 1.0 if len(c) < 7 else 1.5 for c in ontology.typos]
    inside = [(cost, k) for k, (cost, most) in enumerate(zip(costs, limit, strict=True)) if cost <= most]
    if not inside:
        return ""
    best, index = min(inside)  # of equals the one that the ontology lists first
    choice = ontology.typos[index]
    rivals = [c for cost, c in zip(costs, ontology.typos, strict=True) if c != choice and cost <= best + MARGIN]
    return "" if any(choice in group and rival in group for group in ontology.opposites for rival in rivals) else choice


def nearest_pair(word: str, ontology: Ontology) -> tuple[str, ...]:
    """Two words run together with one misspelling ("leflung" -> left, lung); empty if two pairs are equally close."""
    pairs, joined = pairs_of(ontology)
    if not pairs:
        return ()
    costs = np.asarray(distances(word, joined))
    near = np.flatnonzero(costs < costs.min(initial=np.inf) + MARGIN)
    return pairs[near[0]] if len(near) == 1 and costs[near[0]] <= 1 else ()


@cache
def pairs_of(ontology: Ontology) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """All pairs of the words that may be run together, and their spelling without the space."""
    words = sorted(ontology.joined)
    pairs = tuple((a, b) for a in words for b in words if a != b)
    return pairs, tuple(a + b for a, b in pairs)


def distances(word: str, candidates: tuple[str, ...]) -> list[float]:
    """Cost of turning the word into each candidate: Damerau-Levenshtein with cheap slips of the finger."""
    if not candidates:
        return []
    letters, lengths = letter_table(candidates)
    return _costs(letter_codes(word), letters, lengths, neighbouring_keys()).tolist()


@cache
def letter_table(words: tuple[str, ...]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(N, L) letters 0-25 of the words, and their lengths."""
    out = np.zeros((len(words), max(map(len, words), default=0)), np.uint8)
    for row, word in zip(out, words, strict=True):
        row[: len(word)] = letter_codes(word)
    return out, np.array([len(w) for w in words], np.int64)


def letter_codes(word: str) -> NDArray[np.uint8]:
    """(len(word),) 0 for "a" to 25 for "z"."""
    return np.frombuffer(word.encode("ascii"), np.uint8) - ord("a")


@cache
def neighbouring_keys() -> NDArray[np.bool_]:
    """(26, 26) whether the keys of two letters touch."""
    near = np.zeros((26, 26), bool)
    place = {c: (y, x) for y, row in enumerate(KEYS) for x, c in enumerate(row)}
    for a, (ya, xa) in place.items():
        for b, (yb, xb) in place.items():
            near[ord(a) - 97, ord(b) - 97] = a != b and abs(ya - yb) <= 1 and abs(xa - xb) <= 1
    return near


@numba.njit(cache=True)
def _costs(word, letters, lengths, near):  # type: ignore[no-untyped-def]
    out = np.empty(len(lengths))
    n = len(word)
    cost = np.empty((n + 1, letters.shape[1] + 1))
    for k in range(len(lengths)):
        m, other = lengths[k], letters[k]
        if abs(n - m) > 3:
            out[k] = 9.0
            continue
        cost[0, 0] = 0.0
        for i in range(1, n + 1):
            cost[i, 0] = cost[i - 1, 0] + _gap(word, i - 1, n)
        for j in range(1, m + 1):
            cost[0, j] = cost[0, j - 1] + _gap(other, j - 1, m)
        for i in range(1, n + 1):
            for j in range(1, m + 1):
                x, y = word[i - 1], other[j - 1]
                best = cost[i - 1, j - 1] + (0.0 if x == y else SLIP if near[x, y] else 1.0)
                best = min(best, cost[i - 1, j] + _gap(word, i - 1, n), cost[i, j - 1] + _gap(other, j - 1, m))
                if i > 1 and j > 1 and x != y and x == other[j - 2] and y == word[i - 2]:
                    best = min(best, cost[i - 2, j - 2] + SLIP)
                cost[i, j] = best
        out[k] = cost[n, m]
    return out


@numba.njit(cache=True)
def _gap(word, at, n):  # type: ignore[no-untyped-def]
    doubled = (at > 0 and word[at - 1] == word[at]) or (at + 1 < n and word[at + 1] == word[at])
    return SLIP if doubled else 1.0
