"""Whether a text is English. What is not is left alone as a whole, never read by the words that look alike."""

from __future__ import annotations

import re

from metrics.consistency.reader.ontology import Ontology

LETTERS = re.compile(r"[^\W\d_]+")
SHARE = 0.12  # of the words that another language shares with none of ours, from which on the text is in that language


def is_english(text: str, ontology: Ontology) -> bool:
    """False where words of another language, or letters that English does not have, are more than a few."""
    words = LETTERS.findall(text.lower())
    if not words:
        return True
    strange = sum(word in ontology.foreign or not word.isascii() for word in words)
    return strange == 0 or strange / len(words) < SHARE
