"""Whether a text is English. Other texts are not read at all, not even words that look English."""

from __future__ import annotations

import re

from metrics.consistency.reader.ontology import Ontology

LETTERS = re.compile(r"[^\W\d_]+")
MOST_FOREIGN = 0.12  # share of foreign words from which a text is not English


def is_english(text: str, ontology: Ontology) -> bool:
    """Whether few words are from another language, or have letters that English lacks; see `MOST_FOREIGN`."""
    words = LETTERS.findall(text.lower())
    if not words:
        return True
    foreign = sum(word in ontology.foreign or not word.isascii() for word in words)
    return foreign == 0 or foreign / len(words) < MOST_FOREIGN
