"""How far a noisy prompt is from the clean one, in letters."""

from __future__ import annotations


def levenshtein(a: str, b: str) -> int:
    """The smallest number of inserted, deleted and replaced characters that turns `a` into `b`."""
    from spacy.matcher.levenshtein import levenshtein as distance

    return distance(a, b)
