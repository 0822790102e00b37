"""The edit distance between a noisy prompt and the clean one, in characters."""

from __future__ import annotations


def levenshtein(a: str, b: str) -> int:
    """The smallest number of insertions, deletions and replacements of characters that turns `a` into `b`."""
    from spacy.matcher.levenshtein import levenshtein as distance

    return distance(a, b)
