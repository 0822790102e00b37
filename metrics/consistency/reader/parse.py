"""Reads a prompt: count, sides, cells of the grid, and whether there is nothing to segment.

The reader applies rules to spaCy's tokens and needs no download. Every word gets a role from the ontology (`tokens`,
`roles`), describes a noun (`owners`), and is stated, denied, past or only possible (`scope`). The stated numbers and
places of findings (`counts`, `phrases`, `places`, `statements`) become the prompt's constraints (`constraints`). Words
that cannot be read are left out.
"""

from __future__ import annotations

from functools import lru_cache

from metrics.consistency.reader.cleaning import clean
from metrics.consistency.reader.constraints import LONGEST, ReadText
from metrics.consistency.reader.findings import Findings, Omission
from metrics.consistency.reader.language import is_english
from metrics.consistency.reader.ontology import load_ontology
from metrics.consistency.reader.roles import settle
from metrics.consistency.reader.tokens import Token, read_tokens
from metrics.texts import check_prompt


def parse(text: str, ontology: str = "chest") -> Findings:
    """The constraints that a prompt states.

    Args:
        text: any text; an empty one states nothing.
        ontology: "chest", "colonoscopy", or the path of a JSON file.

    Returns:
        The same object for the same text, because results are cached.

    Raises:
        InputError: the text is not a string, or has half a character (a lone surrogate, as JSON may); the ontology is
            unknown or wrong.
    """
    if not isinstance(text, str):  # before the cache, which would hash it
        check_prompt(text)
    return _parse(text, ontology)


@lru_cache(maxsize=1 << 17)
def _parse(text: str, name: str) -> Findings:
    ontology = load_ontology(name)
    if not text.strip():
        return Findings(text, name)
    check_prompt(text)
    cleaned = clean(text[:LONGEST])
    if not is_english(cleaned.text, ontology):
        return Findings(text, name, left_out=(Omission((0, len(text)), text, "not in English"),))
    tokens, corrections = read_tokens(cleaned.text, name)
    tokens = settle(without_repeated_sentences(tokens))
    return ReadText(text, cleaned, tokens, tuple(corrections), ontology).findings()


def without_repeated_sentences(tokens: list[Token]) -> list[Token]:
    """The tokens with each sentence once, so that the counts of a repeated prompt are not added."""
    kept: list[Token] = []
    seen: set[tuple[str, ...]] = set()
    sentence: list[Token] = []
    for token in [*tokens, None]:
        if token is not None:
            sentence.append(token)
        if token is None or token.role == "stop":
            key = tuple(t.norm for t in sentence if t.role != "stop")
            if not key or key not in seen:
                kept += sentence
            seen.add(key)
            sentence = []
    return kept
