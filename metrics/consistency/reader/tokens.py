"""From text to tokens with roles: spaCy's tokenizer, spelling correction, and spaCy's phrase matcher over a lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.consistency.reader.spelling import correct

SIGNS = re.compile("[<>≤≥=+–;:]|[^<>≤≥=+–;:]+")  # spaCy leaves "≥2", "1–2", "LUL+RLL" and "lung;one" whole
CROWD = re.compile(r"([^\w\s]{8})([^\w\s]+)")  # spaCy's run time grows with the square of its length
TIMES = re.compile(r"x(\d{1,2})|(\d{1,2})x")
INITIALS = ("l", "r", "lt", "rt")

Piece = tuple[str, int, int]  # the word as read, and its start and end in the text


@dataclass(frozen=True, slots=True)
class Token:
    """A word or phrase of the text, `text[start:end]`: its form in the ontology, role and value."""

    norm: str
    start: int
    end: int
    role: str
    value: str = ""


@dataclass(frozen=True)
class Lexicon:
    """spaCy's objects of one ontology.

    Args:
        single, phrases: word or phrase -> (role, value).
        beginnings: the first two words of every phrase.
    """

    ontology: Ontology
    nlp: Any
    matcher: Any
    single: dict[str, tuple[str, str]]
    phrases: dict[str, tuple[str, str]]
    beginnings: frozenset[tuple[str, ...]]


@cache
def tokenizer() -> Any:
    """spaCy's rules for English, which all ontologies share."""
    import spacy

    return spacy.blank("en")


@cache
def lexicon(name: str) -> Lexicon:
    """The lexicon of an ontology; the first call imports spaCy."""
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

    ontology, nlp = load_ontology(name), tokenizer()
    matcher = PhraseMatcher(nlp.vocab, attr="ORTH")
    single, phrases = {}, {}
    for phrase, role in ontology.words.items():
        kind, _, value = role.partition(":")
        parts = [norm for norm, _, _ in split(phrase, nlp)]
        if len(parts) == 1:
            single[phrase] = (kind, value)
        else:
            matcher.add(" ".join(parts), [Doc(nlp.vocab, words=parts)])
            phrases[" ".join(parts)] = (kind, value)
    beginnings = frozenset(tuple(phrase.split()[:2]) for phrase in phrases)
    return Lexicon(ontology, nlp, matcher, single, phrases, beginnings)


def split(text: str, nlp: Any) -> Iterator[Piece]:
    """spaCy's tokens in lower case, with signs cut off the numbers beside them."""
    for token in nlp.make_doc(CROWD.sub(lambda m: m[1] + " " * len(m[2]), text)):
        word = token.text
        if word.isalpha():  # most tokens, which have no signs
            yield word.lower(), token.idx, token.idx + len(word)
            continue
        for part in SIGNS.finditer(word):
            norm = part[0].lower().replace("–", "-")
            if not norm.isspace():
                yield norm, token.idx + part.start(), token.idx + part.end()


def read_tokens(text: str, ontology: str) -> tuple[list[Token], list[tuple[str, str]]]:
    """The tokens of a cleaned text in order, and the corrections made: (as written, as read)."""
    lex = lexicon(ontology)
    pieces: list[Piece] = []
    corrections: list[tuple[str, str]] = []
    for norm, start, end in split(text, lex.nlp):
        if norm[-1] == "." and norm[:-1] in INITIALS:
            norm = norm[:-1]
        elif norm == "." and pieces and pieces[-1][0] in INITIALS and text[end : end + 2].strip()[:1].islower():
            continue  # "Rt. lower lobe"
        if pieces and is_rejoined(pieces[-1], norm, start, lex):
            before = pieces.pop()
            corrections.append((text[before[1] : end], before[0] + norm))
            pieces.append((before[0] + norm, before[1], end))
        elif norm not in lex.single and (parts := correct(norm, lex.ontology)):
            corrections.append((text[start:end], " ".join(parts)))
            pieces += pieces_of(norm, parts, start)
        else:
            pieces.append((norm, start, end))
    return merge(pieces, lex), corrections


def is_rejoined(before: Piece, norm: str, start: int, lex: Lexicon) -> bool:
    """Whether two pieces are one word written as two ("lo wer"): in the lexicon together, and not both plain words."""
    first, _, end = before
    if start - end != 1 or (first in lex.single and norm in lex.single):
        return False
    whole = first + norm
    if not whole.isalpha() or len(whole) < 4 or whole not in lex.single:
        return False
    return any(part not in lex.single and part not in lex.ontology.plain for part in (first, norm))


def pieces_of(word: str, parts: tuple[str, ...], start: int) -> list[Piece]:
    """Each part of a corrected word with its characters in the text."""
    if "".join(parts) != word:  # misspelled: each part has the characters of the whole word
        return [(part, start, start + len(word)) for part in parts]
    out = []
    for part in parts:
        out.append((part, start, start + len(part)))
        start += len(part)
    return out


def merge(pieces: list[Piece], lex: Lexicon) -> list[Token]:
    """Roles of single words, and phrases as one token, the longest first."""
    norms = [norm for norm, _, _ in pieces]
    # the matcher takes as long as everything else, and most prompts have no phrase
    spans = matches(norms, lex) if any(p in lex.beginnings for p in zip(norms, norms[1:], strict=False)) else {}
    tokens, i = [], 0
    while i < len(pieces):
        norm, start, end = pieces[i]
        if i in spans:
            span = spans[i]
            tokens.append(Token(span.text, start, pieces[span.end - 1][2], *lex.phrases[span.label_]))
            i = span.end
            continue
        inside = norm == "-" and 0 < i < len(pieces) - 1 and pieces[i - 1][2] == start and pieces[i + 1][1] == end
        role, value = ("hyphen", "") if inside else lex.single.get(norm) or numeral(norm)
        tokens.append(Token(norm, start, end, role, value))
        i += 1
    return tokens


def matches(norms: list[str], lex: Lexicon) -> dict[int, Any]:
    """Index of the first word -> spaCy's span of each phrase, the longest of overlapping ones."""
    from spacy.tokens import Doc
    from spacy.util import filter_spans

    doc = Doc(lex.nlp.vocab, words=norms)
    return {span.start: span for span in filter_spans(lex.matcher(doc, as_spans=True))}


def numeral(norm: str) -> tuple[str, str]:
    """Digits are numbers, "x3" is a number of times; any other word has no role."""
    if norm.isascii() and norm.isdigit() and len(norm) < 6:
        return "number", str(int(norm))
    times = TIMES.fullmatch(norm)
    return ("times", times[1] or times[2]) if times else ("", "")
