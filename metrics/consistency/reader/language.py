"""Whether a text is English. Other texts are not read at all, not even words that look English."""

from __future__ import annotations

import re

from metrics.consistency.reader.ontology import Ontology

LETTERS = re.compile(r"[^\W\d_]+")
SHARE = 0.12  # a text with this share of foreign words, or more, is not English


def is_english(text: str, ontology: Ontology) -> bool:
    """False if the share of words from another language, or with letters that English lacks, is `SHARE` or more."""
    words = LETTERS.findall(text.lower())
    if not words:
        return True
    strange = sum(word in ontology.foreign or not word.isascii() for word in words)
    return strange == 0 or strange / len(words) < SHARE
